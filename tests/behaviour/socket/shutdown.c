/* shutdown(2): one direction or both, for all copies of the socket. */
#include "../tasks.h"
#include <netinet/in.h>
#include <sys/socket.h>

static void run(const char *what, int fds[2])
{
    char text[16] = "";
    puts(what);
    write(fds[0], "before", 6);
    int copy = dup(fds[0]);
    say("SHUT_WR", shutdown(fds[0], SHUT_WR));
    say("write", send(copy, "x", 1, MSG_NOSIGNAL));
    say("the other reads", read(fds[1], text, 15));
    say("and the end", read(fds[1], text, 15));
    say("the other writes", write(fds[1], "back", 4));
    say("read", read(fds[0], text, 15));
    say("SHUT_RDWR", shutdown(fds[1], SHUT_RDWR));
    say("read", read(fds[0], text, 15));
    say("a how that isn't one", shutdown(fds[0], 7));
}

int main(void)
{
    int fds[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    run("AF_UNIX", fds);
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    say("SHUT_RD", shutdown(fds[0], SHUT_RD));
    char byte;
    say("read", read(fds[0], &byte, 1));
    say("the other writes", send(fds[1], "x", 1, MSG_NOSIGNAL));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    bind(server, (void *)&address, sizeof address);
    listen(server, 1);
    getsockname(server, (void *)&address, &size);
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    say("not connected", shutdown(fds[0], SHUT_WR));
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    connect(fds[0], (void *)&address, size);
    fds[1] = accept(server, NULL, NULL);
    run("AF_INET", fds);
    return 0;
}
