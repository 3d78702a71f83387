/* poll(2), select(2), epoll_wait(2): who waits is woken by what another process writes, and by its end. */
#include "../tasks.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

int main(void)
{
    int fds[2];
    char byte;
    struct gate go = new_gate();
    pipe(fds);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        for (int i = 0; i < 3; i++) {
            pass(go);
            sleep_ms(2);
            write(fds[1], "x", 1);
        }
        pass(go);
        sleep_ms(2);
        return 0;
    }
    close(fds[1]);
    struct pollfd poll_fd = {fds[0], POLLIN, 0};
    open_gate(go);
    say("poll", poll(&poll_fd, 1, -1));
    say("POLLIN", poll_fd.revents == POLLIN);
    read(fds[0], &byte, 1);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    open_gate(go);
    say("select", select(fds[0] + 1, &set, NULL, NULL, NULL));
    say("in the set", FD_ISSET(fds[0], &set) != 0);
    read(fds[0], &byte, 1);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x123456789abcdefULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event);
    memset(&event, 0, sizeof event);
    open_gate(go);
    say("epoll_wait", epoll_wait(epoll, &event, 1, -1));
    printf("%llx\n", (unsigned long long)event.data.u64);
    say("EPOLLIN", event.events == EPOLLIN);
    read(fds[0], &byte, 1);
    open_gate(go);
    say("poll", poll(&poll_fd, 1, -1));
    say("POLLHUP", poll_fd.revents == POLLHUP);
    reap("child", pid);
    return 0;
}
