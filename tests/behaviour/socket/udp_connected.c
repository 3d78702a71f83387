/* udp(7): a connected socket has one partner, and is told when nobody is there. */
#include "../tasks.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, stranger = address, own, peer;
    socklen_t size = sizeof address;
    char text[16] = "";
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0), c = socket(AF_INET, SOCK_DGRAM, 0);
    bind(b, (void *)&address, size);
    getsockname(b, (void *)&address, &size);
    say("connect", connect(a, (void *)&address, size));
    getsockname(a, (void *)&own, &size);
    check("a port of its own", own.sin_port != 0 && own.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    say("getpeername", getpeername(a, (void *)&peer, &size));
    check("the partner", peer.sin_port == address.sin_port);
    say("send", send(a, "hello", 5, 0));
    say("recv", recv(b, text, 15, 0));
    bind(c, (void *)&stranger, size);
    sendto(c, "stranger", 8, 0, (void *)&own, size);
    sendto(b, "friend", 6, 0, (void *)&own, size);
    say("recv", recv(a, text, 15, 0));
    say("not the stranger's", recv(a, text, 15, MSG_DONTWAIT));
    close(b);
    say("send to nobody", send(a, "x", 1, 0));
    struct pollfd poll_fd = {a, POLLIN, 0};
    say("poll", poll(&poll_fd, 1, -1));
    check("POLLERR", poll_fd.revents & POLLERR);
    say("recv", recv(a, text, 15, 0));
    say("told once", recv(a, text, 15, MSG_DONTWAIT));
    peer.sin_family = AF_UNSPEC;
    say("disconnect", connect(a, (void *)&peer, sizeof peer));
    say("getpeername", getpeername(a, (void *)&peer, &size));
    return 0;
}
