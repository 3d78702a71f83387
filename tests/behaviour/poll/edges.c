/* epoll(7), EPOLLET: what is an edge and what is not, for counters, pipes and timers; what members see of fork and dup. */
#include "../tasks.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static int set;

static void add(int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.u64 = 0x1234567890abcdefULL};
    say("add", epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
}

static void look(const char *what)
{
    struct epoll_event event = {0};
    int found = epoll_wait(set, &event, 1, 0);
    printf("%s: %d%s%s%s%s%s\n", what, found, event.events & EPOLLIN ? " IN" : "", event.events & EPOLLOUT ? " OUT" : "",
        event.events & EPOLLHUP ? " HUP" : "", event.events & EPOLLERR ? " ERR" : "",
        found == 1 && event.data.u64 != 0x1234567890abcdefULL ? " other data" : "");
}

int main(void)
{
    unsigned long long number;
    int fds[2];
    set = epoll_create1(EPOLL_CLOEXEC);

    int counter = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
    add(counter, EPOLLIN | EPOLLET);
    look("a counter");
    look("no news");
    read(counter, &number, 8);
    look("less than before is no edge");
    number = 1;
    write(counter, &number, 8);
    look("more is");
    close(counter);
    look("closed");

    pipe(fds);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    add(fds[0], EPOLLIN | EPOLLET);
    write(fds[1], "a", 1);
    look("a byte");
    write(fds[1], "b", 1);
    look("another byte");
    char text[8];
    read(fds[0], text, 1);
    look("a byte less");
    close(fds[1]);
    look("no writer");
    look("no news");
    close(fds[0]);

    pipe(fds);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    add(fds[1], EPOLLOUT | EPOLLET);
    look("room");
    static char page[4096];
    while (write(fds[1], page, sizeof page) > 0)
        ;
    look("full");
    read(fds[0], page, sizeof page);
    look("room again");
    close(fds[0]);
    look("no reader");
    close(fds[1]);

    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    add(timer, EPOLLIN | EPOLLET);
    struct itimerspec every = {{0, 2000000}, {0, 2000000}};
    timerfd_settime(timer, 0, &every, NULL);
    struct epoll_event event;
    say("a timer", epoll_wait(set, &event, 1, -1));
    say("read", read(timer, &number, 8));
    say("it comes again", epoll_wait(set, &event, 1, -1));
    close(timer);

    counter = eventfd(1, EFD_NONBLOCK);
    add(counter, EPOLLIN | EPOLLONESHOT);
    look("once");
    number = 1;
    write(counter, &number, 8);
    look("and not again");
    event.events = EPOLLIN | EPOLLONESHOT;
    event.data.u64 = 0x1234567890abcdefULL;
    say("modify", epoll_ctl(set, EPOLL_CTL_MOD, counter, &event));
    look("until asked for");
    int copy = dup(counter);
    close(counter);
    say("by its old number", epoll_ctl(set, EPOLL_CTL_MOD, counter, &event));
    say("by its new number", epoll_ctl(set, EPOLL_CTL_MOD, copy, &event));
    close(copy);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int file = signalfd(-1, &signals, SFD_NONBLOCK);
    add(file, EPOLLIN);
    raise(SIGUSR1);
    struct pollfd poll_fd = {file, POLLIN, 0};
    say("a signal of ours", poll(&poll_fd, 1, 0));
    pid_t pid = fork();
    if (pid == 0) {
        say("is none of the child's", poll(&poll_fd, 1, 0));
        look("nor in the set");
        raise(SIGUSR1);
        say("its own is", poll(&poll_fd, 1, 0));
        look("and in the set");
        struct signalfd_siginfo info;
        say("read", read(file, &info, sizeof info));
        check("its own", info.ssi_pid == (unsigned)getpid());
        return 0;
    }
    reap("child", pid);
    look("ours is still there");
    return 0;
}
