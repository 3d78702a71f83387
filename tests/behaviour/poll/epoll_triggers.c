/* epoll(7): level-triggered tells as long as it is so, edge-triggered when it changes, EPOLLONESHOT once. */
#include "../tasks.h"
#include <sys/epoll.h>

static int epoll;

static void tell(const char *what)
{
    struct epoll_event events[8];
    int count = epoll_wait(epoll, events, 8, 0);
    printf("%s:", what);
    for (int which = 0; which < 4; which++)
        for (int i = 0; i < count; i++)
            if (events[i].data.u32 == (unsigned)which)
                printf(" %s", which == 0 ? "level" : which == 1 ? "edge" : which == 2 ? "once" : "other");
    puts("");
}

int main(void)
{
    int fds[3][2];
    char byte;
    static const unsigned flags[] = {0, EPOLLET, EPOLLONESHOT};
    epoll = epoll_create1(0);
    struct epoll_event event;
    for (int i = 0; i < 3; i++) {
        pipe(fds[i]);
        event.events = EPOLLIN | flags[i];
        event.data.u64 = 0;
        event.data.u32 = i;
        say("add", epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i][0], &event));
    }
    tell("nothing");
    for (int i = 0; i < 3; i++)
        write(fds[i][1], "x", 1);
    tell("written");
    tell("again");
    for (int i = 0; i < 3; i++)
        write(fds[i][1], "x", 1);
    tell("more written");
    for (int i = 0; i < 3; i++)
        read(fds[i][0], &byte, 1);
    tell("one read");
    event.events = EPOLLIN | EPOLLONESHOT;
    event.data.u32 = 2;
    epoll_ctl(epoll, EPOLL_CTL_MOD, fds[2][0], &event);
    event.events = EPOLLIN | EPOLLET;
    event.data.u32 = 1;
    epoll_ctl(epoll, EPOLL_CTL_MOD, fds[1][0], &event);
    tell("armed again");
    tell("and again");
    for (int i = 0; i < 3; i++)
        read(fds[i][0], &byte, 1);
    tell("all read");
    close(fds[1][1]);
    tell("a writer closed");
    tell("still");
    return 0;
}
