/* epoll_ctl(2), epoll_wait(2), epoll_create(2): mistakes. */
#include "../tasks.h"
#include <sys/epoll.h>

int main(void)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC), fds[2];
    struct epoll_event event = {.events = EPOLLIN}, events[2];
    pipe(fds);
    say("FD_CLOEXEC", fcntl(epoll, F_GETFD));
    say("size 0", epoll_create(0));
    say("a flag that isn't one", epoll_create1(1));
    say("MOD before ADD", epoll_ctl(epoll, EPOLL_CTL_MOD, fds[0], &event));
    say("DEL before ADD", epoll_ctl(epoll, EPOLL_CTL_DEL, fds[0], NULL));
    say("ADD", epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event));
    say("ADD again", epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event));
    say("ADD a copy", epoll_ctl(epoll, EPOLL_CTL_ADD, dup(fds[0]), &event));
    say("ADD itself", epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event));
    say("ADD one that isn't open", epoll_ctl(epoll, EPOLL_CTL_ADD, 999, &event));
    say("ADD a file", epoll_ctl(epoll, EPOLL_CTL_ADD, open("/proc/self/exe", O_RDONLY), &event));
    say("an operation that isn't one", epoll_ctl(epoll, 9, fds[0], &event));
    say("not an epoll", epoll_ctl(fds[0], EPOLL_CTL_ADD, fds[1], &event));
    say("of none", epoll_ctl(999, EPOLL_CTL_ADD, fds[1], &event));
    say("nowhere", epoll_ctl(epoll, EPOLL_CTL_ADD, fds[1], (void *)8));
    say("DEL", epoll_ctl(epoll, EPOLL_CTL_DEL, fds[0], NULL));
    say("DEL again", epoll_ctl(epoll, EPOLL_CTL_DEL, fds[0], NULL));
    say("wait for no events", epoll_wait(epoll, events, 0, 0));
    say("wait of a pipe", epoll_wait(fds[0], events, 1, 0));
    say("wait of none", epoll_wait(999, events, 1, 0));
    say("read", read(epoll, events, 1));
    event.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
    say("EPOLLEXCLUSIVE and EPOLLONESHOT", epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event));
    return 0;
}
