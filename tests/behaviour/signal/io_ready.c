/* fcntl(2): with O_ASYNC a descriptor sends a signal when it is ready; with F_SETSIG it says which descriptor. */
#include "../tasks.h"
#include <poll.h>
#include <sys/socket.h>

int main(void)
{
    int fds[2];
    sigset_t set;
    siginfo_t info;
    struct timespec now = {0, 0};
    sigemptyset(&set);
    sigaddset(&set, SIGIO);
    sigaddset(&set, SIGRTMIN + 6);
    sigprocmask(SIG_BLOCK, &set, NULL);
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    say("F_GETOWN", fcntl(fds[0], F_GETOWN));
    say("F_SETOWN", fcntl(fds[0], F_SETOWN, getpid()));
    check("F_GETOWN", fcntl(fds[0], F_GETOWN) == getpid());
    write(fds[1], "x", 1);
    say("without O_ASYNC", sigtimedwait(&set, &info, &now));
    say("O_ASYNC", fcntl(fds[0], F_SETFL, O_ASYNC));
    write(fds[1], "x", 1);
    int sig = sigtimedwait(&set, &info, &now);
    printf("%s\n", sig > 0 ? signame(sig) : "nothing");
    say("F_SETSIG", fcntl(fds[0], F_SETSIG, SIGRTMIN + 6));
    check("F_GETSIG", fcntl(fds[0], F_GETSIG) == SIGRTMIN + 6);
    write(fds[1], "x", 1);
    sig = sigtimedwait(&set, &info, &now);
    printf("%s\n", sig > 0 ? signame(sig) : "nothing");
    check("the descriptor", info.si_fd == fds[0]);
    check("POLL_IN", info.si_code == POLL_IN && (info.si_band & POLLIN));
    return 0;
}
