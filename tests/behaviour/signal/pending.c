/* sigpending(2): what was sent and is blocked; it is handled when the block ends, before sigprocmask(2) returns. */
#include "../tasks.h"

static volatile int got;

static void note(int sig)
{
    got++;
}

static void tell(const char *what)
{
    sigset_t set;
    sigpending(&set);
    printf("%s: USR1 %d USR2 %d, handled %d\n", what, sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2), got);
}

int main(void)
{
    handle(SIGUSR1, note, 0);
    handle(SIGUSR2, note, 0);
    mask(SIG_BLOCK, SIGUSR1);
    mask(SIG_BLOCK, SIGUSR2);
    tell("at first");
    raise(SIGUSR1);
    tell("raised");
    raise(SIGUSR1);
    pid_t pid = fork();
    if (pid == 0) {
        tell("not a child's");
        return 0;
    }
    reap("child", pid);
    kill(getpid(), SIGUSR2);
    tell("both");
    mask(SIG_UNBLOCK, SIGUSR1);
    tell("one let through");
    signal(SIGUSR2, SIG_IGN);
    handle(SIGUSR2, note, 0);
    mask(SIG_UNBLOCK, SIGUSR2);
    tell("the other discarded by SIG_IGN");
    return 0;
}
