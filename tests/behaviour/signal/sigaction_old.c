/* sigaction(2): the old action comes back as it was set. */
#include "../say.h"
#include <signal.h>

static void handler(int number)
{
    (void)number;
}

int main(void)
{
    struct sigaction action = {0}, old;
    say("read", sigaction(SIGUSR1, NULL, &old));
    check("default", old.sa_handler == SIG_DFL);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaddset(&action.sa_mask, 40);
    say("set", sigaction(SIGUSR1, &action, &old));
    action.sa_handler = SIG_IGN;
    say("ignore", sigaction(SIGUSR1, &action, &old));
    check("the handler", old.sa_handler == handler);
    check("its flags", (old.sa_flags & (SA_RESTART | SA_NODEFER | SA_RESETHAND | SA_SIGINFO)) == (SA_RESTART | SA_NODEFER));
    printf("%d %d %d\n", sigismember(&old.sa_mask, SIGUSR2), sigismember(&old.sa_mask, 40), sigismember(&old.sa_mask, SIGHUP));
    say("read", sigaction(SIGUSR1, NULL, &old));
    check("ignored", old.sa_handler == SIG_IGN);
    check("signal's answer", signal(SIGUSR1, SIG_DFL) == SIG_IGN);
    say("SIGKILL", sigaction(SIGKILL, &action, NULL));
    say("SIGSTOP", sigaction(SIGSTOP, &action, NULL));
    say("signal 0", sigaction(0, NULL, &old));
    say("signal 1000", sigaction(1000, NULL, &old));
    return 0;
}
