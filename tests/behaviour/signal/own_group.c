/* kill(2): pid 0 names all of one's own process group, oneself included. */
#include "../tasks.h"

static volatile int got;

static void note(int sig)
{
    got++;
}

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        handle(SIGUSR1, note, 0);
        struct gate up = new_gate();
        sigset_t set;
        sigemptyset(&set);
        mask(SIG_BLOCK, SIGUSR1);
        pid_t pids[3];
        for (int i = 0; i < 3; i++) {
            pids[i] = fork();
            if (pids[i] == 0) {
                if (i == 2)
                    setpgid(0, 0);
                open_gate(up);
                while (i < 2 && !got)
                    sigsuspend(&set);
                return 10 * i + got;
            }
        }
        for (int i = 0; i < 3; i++)
            pass(up);
        reap("of another group", pids[2]);
        say("kill", kill(0, SIGUSR1));
        for (int i = 0; i < 2; i++)
            reap("of the group", pids[i]);
        mask(SIG_UNBLOCK, SIGUSR1);
        say("oneself", got);
        return 0;
    }
    reap("leader", pid);
    return 0;
}
