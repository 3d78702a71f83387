/* signal(7): a blocked standard signal is pending once, however often it was sent: one SIGCHLD may mean several children. */
#include "../tasks.h"

static volatile int handled, reaped;

static void note(int sig)
{
    int status;
    handled++;
    while (waitpid(-1, &status, WNOHANG) > 0)
        reaped++;
}

int main(void)
{
    siginfo_t info;
    handle(SIGCHLD, note, 0);
    mask(SIG_BLOCK, SIGCHLD);
    for (int i = 0; i < 5; i++) {
        pid_t pid = fork();
        if (pid == 0)
            return 0;
        waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    }
    mask(SIG_UNBLOCK, SIGCHLD);
    say("handled", handled);
    say("reaped", reaped);
    return 0;
}
