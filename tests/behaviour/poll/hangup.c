/* poll(2): POLLHUP and POLLERR come unasked for. */
#include "../tasks.h"
#include <poll.h>
#include <sys/socket.h>

static void tell(const char *what, int fd, int events)
{
    struct pollfd poll_fd = {fd, events, 0};
    int result = poll(&poll_fd, 1, 0);
    printf("%s: %d%s%s%s%s%s%s\n", what, result, poll_fd.revents & POLLIN ? " IN" : "", poll_fd.revents & POLLOUT ? " OUT" : "",
        poll_fd.revents & POLLHUP ? " HUP" : "", poll_fd.revents & POLLERR ? " ERR" : "", poll_fd.revents & POLLNVAL ? " NVAL" : "",
        poll_fd.revents & POLLRDHUP ? " RDHUP" : "");
}

int main(void)
{
    int fds[2];
    static char text[65536];
    pipe(fds);
    tell("empty, reader", fds[0], POLLIN);
    tell("empty, writer", fds[1], POLLOUT);
    write(fds[1], text, 1);
    tell("something, reader", fds[0], POLLIN | POLLOUT);
    write(fds[1], text, 65535);
    tell("full, writer", fds[1], POLLOUT);
    read(fds[0], text, 100);
    tell("nearly full, writer", fds[1], POLLOUT);
    read(fds[0], text, 3996);
    tell("a page free, writer", fds[1], POLLOUT);
    close(fds[1]);
    tell("no writer, something left", fds[0], POLLIN);
    while (read(fds[0], text, sizeof text) > 0)
        ;
    tell("no writer", fds[0], POLLIN);
    tell("nothing asked for", fds[0], 0);
    pipe(fds);
    close(fds[0]);
    tell("no reader", fds[1], POLLOUT);
    close(fds[1]);
    tell("closed", fds[1], POLLIN);
    tell("less than 0", -5, POLLIN);
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    tell("socket", fds[0], POLLIN | POLLOUT | POLLRDHUP);
    shutdown(fds[1], SHUT_WR);
    tell("the other shut its writing", fds[0], POLLIN | POLLOUT | POLLRDHUP);
    close(fds[1]);
    tell("the other closed", fds[0], POLLIN | POLLOUT | POLLRDHUP);
    tell("a file", open("/proc/self/exe", O_RDONLY), POLLIN | POLLOUT);
    tell("/dev/null", open("/dev/null", O_RDWR), POLLIN | POLLOUT);
    return 0;
}
