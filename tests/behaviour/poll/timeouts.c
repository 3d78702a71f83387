/* poll(2), select(2): 0 asks, more waits so long, and no longer than told. */
#include "../tasks.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

static struct timespec begin;

static void began(void)
{
    clock_gettime(CLOCK_MONOTONIC, &begin);
}

static void took(long ms)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    check("not too early", (now.tv_sec - begin.tv_sec) * 1000000000LL + now.tv_nsec - begin.tv_nsec >= ms * 1000000LL);
}

int main(void)
{
    int fds[2], epoll = epoll_create1(0);
    pipe(fds);
    struct pollfd poll_fd = {fds[0], POLLIN, 0};
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event);
    say("poll 0", poll(&poll_fd, 1, 0));
    began();
    say("poll 10", poll(&poll_fd, 1, 10));
    took(10);
    say("revents", poll_fd.revents);
    began();
    say("poll of nothing", poll(NULL, 0, 5));
    took(5);
    struct timespec span = {0, 5000000};
    began();
    say("ppoll", ppoll(&poll_fd, 1, &span, NULL));
    took(5);
    struct timeval value = {0, 5000};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    began();
    say("select", select(fds[0] + 1, &set, NULL, NULL, &value));
    took(5);
    say("the set is empty now", FD_ISSET(fds[0], &set));
    say("nothing is left", value.tv_sec + value.tv_usec);
    began();
    say("epoll_wait", epoll_wait(epoll, &event, 1, 5));
    took(5);
    span.tv_nsec = 1000000000;
    say("a strange time", ppoll(&poll_fd, 1, &span, NULL));
    value.tv_sec = -1;
    say("a strange time", select(0, NULL, NULL, NULL, &value));
    return 0;
}
