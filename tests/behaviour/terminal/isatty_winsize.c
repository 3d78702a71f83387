/* isatty(3), ioctl_tty(2): a file is no terminal. */
#include "../say.h"
#include <sys/ioctl.h>
#include <termios.h>

int main(void)
{
    struct winsize size;
    struct termios termios;
    put("file", "");
    int fd = open("file", O_RDWR), ends[2];
    pipe(ends);
    say("isatty", isatty(fd));
    say("errno", -1);
    say("TIOCGWINSZ of a file", ioctl(fd, TIOCGWINSZ, &size));
    say("TCGETS of a file", tcgetattr(fd, &termios));
    say("TCGETS of a pipe", tcgetattr(ends[0], &termios));
    say("no such request", ioctl(fd, 0x12345678, 0));
    int on = 1;
    say("FIONBIO", ioctl(fd, FIONBIO, &on));
    check("O_NONBLOCK", fcntl(fd, F_GETFL) & O_NONBLOCK);
    say("FIOCLEX", ioctl(fd, FIOCLEX));
    say("FD_CLOEXEC", fcntl(fd, F_GETFD));
    check("ttyname", ttyname(fd) == NULL);
    say("tcgetpgrp", tcgetpgrp(fd));
    unlink("file");
    return 0;
}
