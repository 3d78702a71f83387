/* ioctl_tty(2): TIOCSWINSZ sets the size and sends SIGWINCH to the foreground group when it changes. */
#include "../tasks.h"
#include <sys/ioctl.h>

int main(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    const char *name = ptsname(master);
    struct winsize size = {7, 7, 7, 7};
    say("TIOCGWINSZ", ioctl(master, TIOCGWINSZ, &size));
    printf("%d x %d\n", size.ws_row, size.ws_col);
    struct gate ready = new_gate(), done = new_gate();
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct timespec now = {0, 0};
        setsid();
        int slave = open(name, O_RDWR);
        open_gate(ready);
        printf("%s\n", signame(sigwaitinfo(&set, NULL)));
        ioctl(slave, TIOCGWINSZ, &size);
        printf("%d x %d, %d x %d\n", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
        open_gate(ready);
        pass(done);
        say("not when it stays the same", sigtimedwait(&set, NULL, &now));
        return 0;
    }
    pass(ready);
    size = (struct winsize){24, 80, 640, 480};
    ioctl(master, TIOCSWINSZ, &size);
    pass(ready);
    ioctl(master, TIOCSWINSZ, &size);
    open_gate(done);
    reap("session", pid);
    return 0;
}
