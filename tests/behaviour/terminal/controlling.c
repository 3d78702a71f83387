/* ioctl_tty(2), tty(4): TIOCSCTTY makes a terminal one's session's, /dev/tty is it, TIOCNOTTY lets it go. */
#include "../tasks.h"
#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    const char *name = ptsname(master);
    pid_t pid = fork();
    if (pid == 0) {
        char text[8] = "";
        setsid();
        say("/dev/tty without one", open("/dev/tty", O_RDWR));
        int slave = open(name, O_RDWR | O_NOCTTY);
        say("O_NOCTTY", open("/dev/tty", O_RDWR));
        say("tcgetpgrp", tcgetpgrp(slave));
        say("TIOCSCTTY", ioctl(slave, TIOCSCTTY, 0));
        int tty = open("/dev/tty", O_RDWR);
        check("/dev/tty", tty >= 0);
        check("tcgetpgrp", tcgetpgrp(tty) == getpid());
        check("TIOCGSID", tcgetsid(tty) == getpid());
        write(master, "typed\n", 6);
        say("read", read(tty, text, 7));
        printf("%s", text);
        say("again", ioctl(slave, TIOCSCTTY, 0));
        say("a group of nobody", tcsetpgrp(tty, 0x7fffff));
        pid = fork();
        if (pid == 0) {
            check("inherited", open("/dev/tty", O_RDWR) >= 0);
            setsid();
            say("not in another session", open("/dev/tty", O_RDWR));
            say("TIOCSCTTY of one that has a session", ioctl(slave, TIOCSCTTY, 0));
            return 0;
        }
        reap("child", pid);
        signal(SIGHUP, SIG_IGN);
        say("TIOCNOTTY", ioctl(tty, TIOCNOTTY));
        say("/dev/tty", open("/dev/tty", O_RDWR));
        return 0;
    }
    reap("leader", pid);
    return 0;
}
