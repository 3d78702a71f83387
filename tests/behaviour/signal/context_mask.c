/* sigaction(2), sigreturn(2): a handler's context holds the mask to go back to; what it writes there is the mask afterwards. */
#include "../tasks.h"
#include <ucontext.h>

static void change(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    printf("before: USR2 %d TERM %d\n", sigismember(&uc->uc_sigmask, SIGUSR2), sigismember(&uc->uc_sigmask, SIGTERM));
    sigaddset(&uc->uc_sigmask, SIGTERM);
    sigdelset(&uc->uc_sigmask, SIGUSR2);
    sigaddset(&uc->uc_sigmask, SIGKILL);
}

int main(void)
{
    sigset_t set;
    handle_info(SIGUSR1, change, 0);
    mask(SIG_BLOCK, SIGUSR2);
    raise(SIGUSR1);
    sigprocmask(SIG_SETMASK, NULL, &set);
    printf("after: USR1 %d USR2 %d TERM %d KILL %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2),
        sigismember(&set, SIGTERM), sigismember(&set, SIGKILL));
    return 0;
}
