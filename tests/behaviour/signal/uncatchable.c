/* sigaction(2), sigprocmask(2): SIGKILL and SIGSTOP can't be handled, ignored or blocked. */
#include "../tasks.h"

static void nothing(int sig)
{
}

int main(void)
{
    struct sigaction action = {.sa_handler = nothing}, old;
    say("handle KILL", sigaction(SIGKILL, &action, NULL));
    say("handle STOP", sigaction(SIGSTOP, &action, NULL));
    action.sa_handler = SIG_IGN;
    say("ignore KILL", sigaction(SIGKILL, &action, NULL));
    action.sa_handler = SIG_DFL;
    say("default KILL", sigaction(SIGKILL, &action, NULL));
    say("ask for KILL's", sigaction(SIGKILL, NULL, &old));
    say("no such signal", sigaction(200, &action, NULL));
    say("signal 0", sigaction(0, &action, NULL));
    sigset_t set;
    sigfillset(&set);
    say("block all", sigprocmask(SIG_SETMASK, &set, NULL));
    sigprocmask(SIG_SETMASK, NULL, &set);
    printf("KILL %d STOP %d TERM %d\n", sigismember(&set, SIGKILL), sigismember(&set, SIGSTOP), sigismember(&set, SIGTERM));
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGTERM, SIG_IGN);
        raise(SIGTERM);
        puts("TERM is ignored");
        raise(SIGKILL);
        puts("not reached");
    }
    reap("child", pid);
    return 0;
}
