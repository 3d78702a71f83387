/* Makes every system call of x86-64 that does no harm, with all arguments -1. */

static long call(long number)
{
	long result;
	register long d asm("r10") = -1;
	register long e asm("r8") = -1;
	register long f asm("r9") = -1;
	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(-1L), "S"(-1L), "d"(-1L), "r"(d), "r"(e), "r"(f)
		     : "rcx", "r11", "memory");
	return result;
}

static int harmful(long number)
{
	switch (number) {
	case 15:	/* rt_sigreturn */
	case 34:	/* pause */
	case 56:	/* clone */
	case 57:	/* fork */
	case 58:	/* vfork */
	case 60:	/* exit */
	case 62:	/* kill */
	case 153:	/* vhangup */
	case 162:	/* sync */
	case 169:	/* reboot */
	case 231:	/* exit_group */
	case 435:	/* clone3 */
		return 1;
	}
	return number > 334 && number < 424;
}

int main(void)
{
	for (long number = 0; number <= 447; number++)
		if (!harmful(number))
			call(number);
	asm volatile("syscall" : : "a"(231L), "D"(0L));
}
