/* signal(7): an integer divided by zero is SIGFPE, where the CPU or the compiler looks for it. */
#include "../tasks.h"
#include <setjmp.h>

static sigjmp_buf back;
static volatile siginfo_t last;

static void note(int sig, siginfo_t *info, void *context)
{
    last = *info;
    siglongjmp(back, 1);
}

static volatile int one = 1, zero;

int main(void)
{
    handle_info(SIGFPE, note, 0);
    for (int i = 0; i < 3; i++) {
        last.si_signo = 0;
        if (sigsetjmp(back, 1) == 0) {
#if defined __aarch64__ || defined __arm__
            /* A64's quotient is 0; in A32 the C library's function raises it. */
            raise(SIGFPE);
#else
            one = one / zero;
#endif
        }
        printf("%s\n", signame(last.si_signo));
#if defined __x86_64__ || defined __i386__
        check("what", last.si_code == FPE_INTDIV && last.si_addr != NULL);
#elif defined __mips__
        check("what", last.si_code == FPE_INTDIV);
#else
        check("what", last.si_code == SI_TKILL);
#endif
    }
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGFPE, SIG_DFL);
        raise(SIGFPE);
    }
    reap("unhandled", pid);
    return 0;
}
