/* termios(3): who is not in the foreground is stopped when it reads; with TOSTOP also when it writes. */
#include "../tasks.h"
#include <termios.h>

int main(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), status;
    grantpt(master);
    unlockpt(master);
    const char *name = ptsname(master);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        int slave = open(name, O_RDWR);
        pid_t job = fork();
        if (job == 0) {
            char text[8] = "";
            setpgid(0, 0);
            say("read", read(slave, text, 7));
            printf("%s", text);
            return 7;
        }
        waitpid(job, &status, WUNTRACED);
        ended("reads", status);
        write(master, "line\n", 5);
        signal(SIGTTOU, SIG_IGN);
        say("tcsetpgrp", tcsetpgrp(slave, job));
        kill(job, SIGCONT);
        reap("in the foreground", job);
        tcsetpgrp(slave, getpgrp());
        signal(SIGTTOU, SIG_DFL);
        struct termios mode;
        tcgetattr(slave, &mode);
        for (int stop = 0; stop < 2; stop++) {
            mode.c_lflag = stop ? mode.c_lflag | TOSTOP : mode.c_lflag & ~TOSTOP;
            tcsetattr(slave, TCSANOW, &mode);
            job = fork();
            if (job == 0) {
                setpgid(0, 0);
                return write(slave, "x", 1);
            }
            waitpid(job, &status, WUNTRACED);
            ended(stop ? "writes, TOSTOP" : "writes", status);
            if (WIFSTOPPED(status)) {
                kill(job, SIGKILL);
                reap("job", job);
            }
        }
        job = fork();
        if (job == 0) {
            setpgid(0, 0);
            tcsetattr(slave, TCSANOW, &mode);
            return 0;
        }
        waitpid(job, &status, WUNTRACED);
        ended("changes the mode", status);
        kill(job, SIGKILL);
        reap("job", job);
        job = fork();
        if (job == 0) {
            char byte;
            setpgid(0, 0);
            signal(SIGTTIN, SIG_IGN);
            say("SIGTTIN ignored", read(slave, &byte, 1));
            return 0;
        }
        reap("job", job);
        return 0;
    }
    reap("session", pid);
    return 0;
}
