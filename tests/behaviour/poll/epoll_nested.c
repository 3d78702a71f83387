/* epoll(7): an epoll is ready when something in it is; it can be in another, but not in a circle. */
#include "../tasks.h"
#include <poll.h>
#include <sys/epoll.h>

int main(void)
{
    int inner = epoll_create1(0), outer = epoll_create1(0), fds[2];
    char byte;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = 1};
    pipe(fds);
    epoll_ctl(inner, EPOLL_CTL_ADD, fds[0], &event);
    event.data.u32 = 2;
    say("ADD", epoll_ctl(outer, EPOLL_CTL_ADD, inner, &event));
    say("a circle", epoll_ctl(inner, EPOLL_CTL_ADD, outer, &event));
    struct pollfd poll_fd = {outer, POLLIN, 0};
    say("poll", poll(&poll_fd, 1, 0));
    write(fds[1], "x", 1);
    say("poll", poll(&poll_fd, 1, -1));
    say("outer", epoll_wait(outer, &event, 1, -1));
    say("it is", event.data.u32);
    say("inner", epoll_wait(inner, &event, 1, -1));
    say("it is", event.data.u32);
    read(fds[0], &byte, 1);
    say("outer", epoll_wait(outer, &event, 1, 0));
    return 0;
}
