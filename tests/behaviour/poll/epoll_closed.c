/* epoll(7): a closed descriptor leaves the set when its last copy is closed. */
#include "../tasks.h"
#include <sys/epoll.h>

int main(void)
{
    int epoll = epoll_create1(0), fds[2];
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = 5};
    pipe(fds);
    write(fds[1], "x", 1);
    int copy = dup(fds[0]), old = fds[0];
    epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event);
    say("ready", epoll_wait(epoll, &event, 1, 0));
    close(fds[0]);
    say("a copy is open", epoll_wait(epoll, &event, 1, 0));
    say("DEL of the closed", epoll_ctl(epoll, EPOLL_CTL_DEL, old, NULL));
    close(copy);
    say("none is", epoll_wait(epoll, &event, 1, 0));
    pipe(fds);
    event.events = EPOLLIN;
    check("the number again", fds[0] == old);
    say("ADD", epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event));
    write(fds[1], "x", 1);
    pid_t pid = fork();
    if (pid == 0) {
        say("child", epoll_wait(epoll, &event, 1, 0));
        return 0;
    }
    reap("child", pid);
    return 0;
}
