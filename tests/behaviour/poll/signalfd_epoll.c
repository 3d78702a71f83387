/* signalfd(2), epoll(7): signals, timers and pipes in one loop. */
#include "../tasks.h"
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

int main(void)
{
    sigset_t set;
    int fds[2];
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pipe(fds);
    int epoll = epoll_create1(0), signals = signalfd(-1, &set, SFD_NONBLOCK), timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct epoll_event event = {.events = EPOLLIN};
    event.data.fd = signals;
    epoll_ctl(epoll, EPOLL_CTL_ADD, signals, &event);
    event.data.fd = timer;
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    event.data.fd = fds[0];
    epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event);
    struct itimerspec soon = {{0, 0}, {0, 3000000}};
    timerfd_settime(timer, 0, &soon, NULL);
    pid_t parent = getpid(), pid = 0;
    for (int ended_now = 0; !ended_now;) {
        if (epoll_wait(epoll, &event, 1, -1) != 1)
            continue;
        if (event.data.fd == timer) {
            uint64_t times;
            read(timer, &times, 8);
            puts("timer");
            write(fds[1], "x", 1);
        } else if (event.data.fd == fds[0]) {
            char byte;
            read(fds[0], &byte, 1);
            puts("pipe");
            pid = fork();
            if (pid == 0) {
                kill(parent, SIGUSR1);
                _exit(3);
            }
        } else {
            struct signalfd_siginfo info;
            while (read(signals, &info, sizeof info) == sizeof info)
                if (info.ssi_signo == SIGUSR1) {
                    puts("signal");
                } else {
                    puts("child");
                    reap("it", pid);
                    ended_now = 1;
                }
        }
    }
    return 0;
}
