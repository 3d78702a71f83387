/* signal(7): calls that no SA_RESTART makes begin again. */
#include "../tasks.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>

static void nothing(int sig)
{
}

int main(void)
{
    int fds[2], sockets[2], epoll = epoll_create1(0);
    char byte;
    pipe(fds);
    socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    handle(SIGALRM, nothing, SA_RESTART);
    alarms(10);
    struct pollfd poll_fd = {fds[0], POLLIN, 0};
    say("poll", poll(&poll_fd, 1, -1));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    say("select", select(fds[0] + 1, &set, NULL, NULL, NULL));
    struct epoll_event event;
    say("epoll_wait", epoll_wait(epoll, &event, 1, -1));
    say("pause", pause());
    struct timespec long_time = {1000, 0};
    say("nanosleep", nanosleep(&long_time, &long_time));
    printf("clock_nanosleep: %s\n", strerror(clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, NULL)));
    sigset_t none, usr;
    sigemptyset(&none);
    sigemptyset(&usr);
    sigaddset(&usr, SIGUSR1);
    say("sigsuspend", sigsuspend(&none));
    say("sigtimedwait", sigtimedwait(&usr, NULL, &long_time));
    struct timeval limit = {1000, 0};
    setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    say("recv with a time limit", recv(sockets[0], &byte, 1, 0));
    alarms(0);
    return 0;
}
