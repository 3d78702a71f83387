/* isatty(3), termios(3): what is no terminal says ENOTTY. */
#include "../tasks.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

static void tell(const char *what, int fd)
{
    struct termios mode;
    struct winsize size;
    puts(what);
    say("isatty", isatty(fd) ? 1 : -1);
    say("tcgetattr", tcgetattr(fd, &mode));
    say("TIOCGWINSZ", ioctl(fd, TIOCGWINSZ, &size));
    say("tcgetpgrp", tcgetpgrp(fd));
    say("tcflush", tcflush(fd, TCIFLUSH));
    check("no name", ttyname(fd) == NULL);
}

int main(void)
{
    int fds[2], sockets[2];
    pipe(fds);
    socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    put("file", "");
    tell("pipe", fds[0]);
    tell("socket", sockets[0]);
    tell("file", open("file", O_RDWR));
    tell("/dev/null", open("/dev/null", O_RDWR));
    tell("directory", open(".", O_RDONLY));
    tell("closed", 999);
    unlink("file");
    return 0;
}
