/* socket(7): SO_RCVTIMEO and SO_SNDTIMEO: after so long, EAGAIN. */
#include "../tasks.h"
#include <sys/socket.h>

int main(void)
{
    int fds[2];
    static char text[100000];
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    struct timeval limit = {0, 10000}, got;
    socklen_t size = sizeof got;
    getsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &got, &size);
    say("none at first", got.tv_sec + got.tv_usec);
    say("SO_RCVTIMEO", setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    say("recv", recv(fds[0], text, 1, 0));
    clock_gettime(CLOCK_MONOTONIC, &end);
    check("not too early", (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec >= 9000000);
    send(fds[1], "x", 1, 0);
    say("what is there", recv(fds[0], text, 1, 0));
    say("SO_SNDTIMEO", setsockopt(fds[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    long sent, total = 0;
    while ((sent = send(fds[0], text, sizeof text, 0)) > 0)
        total += sent;
    say("send", sent);
    check("after some", total > 50000);
    limit.tv_usec = 1000000;
    say("a strange time", setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    limit.tv_usec = 0;
    say("taken away", setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    return 0;
}
