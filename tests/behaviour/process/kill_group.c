/* kill(2): a negative pid names all of a process group; killpg(3) is the same. */
#include "../tasks.h"

int main(void)
{
    struct gate up = new_gate();
    pid_t pids[4];
    for (int i = 0; i < 4; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            setpgid(0, i < 3 ? (i ? pids[0] : 0) : 0);
            open_gate(up);
            for (;;)
                pause();
        }
        setpgid(pids[i], i < 3 ? pids[0] : pids[i]);
    }
    for (int i = 0; i < 4; i++)
        pass(up);
    say("kill 0", kill(-pids[0], 0));
    say("kill", kill(-pids[0], SIGTERM));
    for (int i = 0; i < 3; i++)
        reap("of the group", pids[i]);
    say("not of it", waitpid(pids[3], NULL, WNOHANG));
    say("nobody is left", kill(-pids[0], SIGTERM));
    say("killpg", killpg(pids[3], SIGUSR1));
    reap("the other", pids[3]);
    return 0;
}
