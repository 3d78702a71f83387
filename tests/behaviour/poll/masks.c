/* ppoll(2), pselect(2), epoll_pwait(2): with another mask while they wait. */
#include "../tasks.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

static volatile int count;

static void note(int sig)
{
    count++;
}

int main(void)
{
    int fds[2], epoll = epoll_create1(0);
    sigset_t none, usr;
    pipe(fds);
    sigemptyset(&none);
    sigemptyset(&usr);
    sigaddset(&usr, SIGUSR1);
    handle(SIGUSR1, note, SA_RESTART);
    sigprocmask(SIG_BLOCK, &usr, NULL);
    raise(SIGUSR1);
    struct pollfd poll_fd = {fds[0], POLLIN, 0};
    say("blocked", poll(&poll_fd, 1, 0));
    say("ppoll", ppoll(&poll_fd, 1, NULL, &none));
    say("handled", count);
    raise(SIGUSR1);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    say("pselect", pselect(fds[0] + 1, &set, NULL, NULL, NULL, &none));
    say("handled", count);
    raise(SIGUSR1);
    struct epoll_event event;
    say("epoll_pwait", epoll_pwait(epoll, &event, 1, -1, &none));
    say("handled", count);
    raise(SIGUSR1);
    struct timespec now = {0, 0};
    say("blocked in ppoll", ppoll(&poll_fd, 1, &now, &usr));
    say("handled", count);
    sigset_t pending;
    sigpending(&pending);
    say("pending", sigismember(&pending, SIGUSR1));
    write(fds[1], "x", 1);
    say("what is ready comes first", ppoll(&poll_fd, 1, NULL, &none));
    say("and the signal stays", count);
    return 0;
}
