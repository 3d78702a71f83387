/* termios(3), tcsetpgrp(3): ^C sends SIGINT to the foreground group, ^\ SIGQUIT, ^Z SIGTSTP. */
#include "../tasks.h"
#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), status;
    grantpt(master);
    unlockpt(master);
    const char *name = ptsname(master);
    struct gate ready = new_gate(), typed = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        int slave = open(name, O_RDWR);
        check("a controlling terminal", tcgetsid(slave) == getpid());
        check("the foreground", tcgetpgrp(slave) == getpgrp());
        signal(SIGINT, SIG_IGN);
        signal(SIGTTOU, SIG_IGN);
        static const char *const keys[] = {"^C", "^\\", "^Z"};
        for (int i = 0; i < 3; i++) {
            pid_t job = fork();
            if (job == 0) {
                setpgid(0, 0);
                signal(SIGINT, SIG_DFL);
                tcsetpgrp(slave, getpid());
                open_gate(ready);
                for (;;)
                    pause();
            }
            waitpid(job, &status, WUNTRACED);
            ended(keys[i], status);
            if (WIFSTOPPED(status)) {
                kill(job, SIGKILL);
                reap("job", job);
            }
            say("tcsetpgrp", tcsetpgrp(slave, getpgrp()));
            open_gate(typed);
        }
        return 0;
    }
    static const char keys[] = {3, 28, 26};
    for (int i = 0; i < 3; i++) {
        pass(ready);
        write(master, &keys[i], 1);
        pass(typed);
    }
    reap("session", pid);
    return 0;
}
