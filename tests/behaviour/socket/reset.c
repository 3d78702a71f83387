/* tcp(7): who closes with bytes unread, or with SO_LINGER of 0, resets: the other is told ECONNRESET. */
#include "../tasks.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static struct sockaddr_in address;
static int server;

static void connected(int fds[2])
{
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fds[0], (void *)&address, sizeof address))
        say("connect", -1);
    fds[1] = accept(server, NULL, NULL);
}

int main(void)
{
    int fds[2];
    char byte;
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server = socket(AF_INET, SOCK_STREAM, 0);
    bind(server, (void *)&address, size);
    listen(server, 4);
    getsockname(server, (void *)&address, &size);
    connected(fds);
    struct linger linger = {1, 0};
    say("SO_LINGER", setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    close(fds[0]);
    struct pollfd poll_fd = {fds[1], POLLIN, 0};
    say("poll", poll(&poll_fd, 1, -1));
    check("POLLHUP and POLLERR", (poll_fd.revents & (POLLHUP | POLLERR)) == (POLLHUP | POLLERR));
    say("read", read(fds[1], &byte, 1));
    say("and then the end", read(fds[1], &byte, 1));
    say("write", send(fds[1], "x", 1, MSG_NOSIGNAL));
    connected(fds);
    write(fds[1], "unread", 6);
    poll_fd = (struct pollfd){fds[0], POLLIN, 0};
    poll(&poll_fd, 1, -1);
    close(fds[0]);
    poll_fd.fd = fds[1];
    poll_fd.events = POLLRDHUP;
    poll(&poll_fd, 1, -1);
    say("closed with bytes unread", read(fds[1], &byte, 1));
    connected(fds);
    close(fds[0]);
    say("closed well", read(fds[1], &byte, 1));
    return 0;
}
