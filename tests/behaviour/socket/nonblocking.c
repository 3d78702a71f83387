/* connect(2), accept(2): with O_NONBLOCK: EINPROGRESS, EAGAIN, and poll(2) for when it is done; SO_ERROR tells how. */
#include "../tasks.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

static void finish(const char *what, int fd, struct sockaddr_in *address)
{
    int error = -1;
    socklen_t size = sizeof error;
    int result = connect(fd, (void *)address, sizeof *address);
    check(what, result == 0 || errno == EINPROGRESS || errno == ECONNREFUSED);
    int at_once = result == -1 && errno == ECONNREFUSED;
    struct pollfd poll_fd = {fd, POLLOUT, 0};
    say("poll", poll(&poll_fd, 1, -1));
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    printf("SO_ERROR: %s\n", strerror(at_once ? ECONNREFUSED : error));
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    printf("told once: %s\n", strerror(error));
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    char byte;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bind(server, (void *)&address, sizeof address);
    getsockname(server, (void *)&address, &size);
    finish("connect to nobody", client, &address);
    listen(server, 4);
    say("accept", accept(server, NULL, NULL));
    client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    finish("connect", client, &address);
    say("connect again", connect(client, (void *)&address, size));
    struct pollfd poll_fd = {server, POLLIN, 0};
    say("poll of the server", poll(&poll_fd, 1, -1));
    int other = accept4(server, NULL, NULL, SOCK_CLOEXEC);
    check("accept4", other >= 0);
    say("FD_CLOEXEC", fcntl(other, F_GETFD));
    say("O_NONBLOCK is not inherited", fcntl(other, F_GETFL) & O_NONBLOCK);
    say("a flag that isn't one", accept4(server, NULL, NULL, 0x100));
    say("recv", recv(client, &byte, 1, 0));
    say("MSG_DONTWAIT", recv(other, &byte, 1, MSG_DONTWAIT));
    write(other, "x", 1);
    poll_fd = (struct pollfd){client, POLLIN, 0};
    say("poll", poll(&poll_fd, 1, -1));
    say("recv", recv(client, &byte, 1, 0));
    static char text[1 << 20];
    long total = 0, sent;
    while ((sent = write(client, text, sizeof text)) > 0)
        total += sent;
    say("full", sent);
    check("some tens of kilobytes at least", total > 40000);
    poll_fd.events = POLLOUT;
    say("poll to write", poll(&poll_fd, 1, 0));
    while (total > 0)
        total -= read(other, text, sizeof text);
    say("poll to write", poll(&poll_fd, 1, -1));
    return 0;
}
