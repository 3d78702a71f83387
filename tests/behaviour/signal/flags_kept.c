/* sigaction(2): the old action comes back as it was set: handler, mask and flags. */
#include "../tasks.h"

static void nothing(int sig)
{
}

int main(void)
{
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART | SA_NODEFER | SA_ONSTACK}, old;
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaddset(&action.sa_mask, SIGRTMIN + 5);
    say("at first", sigaction(SIGUSR1, &action, &old));
    check("default", old.sa_handler == SIG_DFL);
    action.sa_handler = SIG_IGN;
    action.sa_flags = SA_NOCLDSTOP;
    say("another", sigaction(SIGUSR1, &action, &old));
    check("the handler", old.sa_handler == nothing);
    check("the flags", (old.sa_flags & (SA_RESTART | SA_NODEFER | SA_ONSTACK | SA_RESETHAND | SA_SIGINFO)) == (SA_RESTART | SA_NODEFER | SA_ONSTACK));
    printf("mask: USR1 %d USR2 %d RTMIN+5 %d RTMIN+6 %d\n", sigismember(&old.sa_mask, SIGUSR1), sigismember(&old.sa_mask, SIGUSR2),
        sigismember(&old.sa_mask, SIGRTMIN + 5), sigismember(&old.sa_mask, SIGRTMIN + 6));
    sigaction(SIGUSR1, NULL, &old);
    check("ignored", old.sa_handler == SIG_IGN);
    say("unknown how", sigprocmask(99, &action.sa_mask, NULL));
    say("null set, unknown how", sigprocmask(99, NULL, &action.sa_mask));
    return 0;
}
