/* sigsuspend(2): waits with another mask for a handler to run, and puts the old one back. */
#include "../tasks.h"

static volatile int count;

static void note(int sig)
{
    count++;
    printf("%s handled\n", signame(sig));
}

int main(void)
{
    sigset_t none, usr, now;
    sigemptyset(&none);
    sigemptyset(&usr);
    sigaddset(&usr, SIGUSR1);
    sigaddset(&usr, SIGUSR2);
    sigprocmask(SIG_BLOCK, &usr, NULL);
    handle(SIGUSR1, note, 0);
    handle(SIGUSR2, note, 0);
    raise(SIGUSR1);
    say("nothing yet", count);
    say("sigsuspend", sigsuspend(&none));
    sigprocmask(SIG_SETMASK, NULL, &now);
    say("blocked again", sigismember(&now, SIGUSR1));
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        kill(parent, SIGUSR1);
        return 0;
    }
    say("by a child", sigsuspend(&none));
    reap("child", pid);
    sigdelset(&usr, SIGUSR1);
    raise(SIGUSR2);
    raise(SIGUSR1);
    say("only USR1", sigsuspend(&usr));
    sigpending(&now);
    say("USR2 pending", sigismember(&now, SIGUSR2));
    say("handled", count);
    return 0;
}
