/* sigprocmask(2): signals blocked, unblocked, and set; SIGKILL and SIGSTOP never are. */
#include "../say.h"
#include <signal.h>

int main(void)
{
    sigset_t set, old;
    sigemptyset(&set);
    say("set to none", sigprocmask(SIG_SETMASK, &set, NULL));
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    say("SIG_BLOCK", sigprocmask(SIG_BLOCK, &set, &old));
    printf("before: %d %d\n", sigismember(&old, SIGUSR1), sigismember(&old, SIGTERM));
    sigdelset(&set, SIGTERM);
    say("SIG_UNBLOCK", sigprocmask(SIG_UNBLOCK, &set, &old));
    printf("before: %d %d\n", sigismember(&old, SIGUSR1), sigismember(&old, SIGTERM));
    sigprocmask(SIG_BLOCK, NULL, &old);
    printf("now: %d %d\n", sigismember(&old, SIGUSR1), sigismember(&old, SIGTERM));
    sigfillset(&set);
    say("SIG_SETMASK", sigprocmask(SIG_SETMASK, &set, NULL));
    sigprocmask(SIG_BLOCK, NULL, &old);
    printf("now: %d %d %d %d %d\n", sigismember(&old, SIGHUP), sigismember(&old, SIGKILL), sigismember(&old, SIGSTOP), sigismember(&old, 40),
        sigismember(&old, 64));
    say("no such way", sigprocmask(99, &set, NULL));
    say("no such way, and no set", sigprocmask(99, NULL, NULL));
    say("pending", sigpending(&set));
    say("SIGUSR1 pending", sigismember(&set, SIGUSR1));
    return 0;
}
