/* pidfd_open(2), pidfd_send_signal(2), waitid(2): a descriptor that names a process, readable when that has ended. */
#include "../tasks.h"
#include <poll.h>
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int main(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    int fd = syscall(SYS_pidfd_open, pid, 0);
    check("open", fd >= 0);
    say("FD_CLOEXEC", fcntl(fd, F_GETFD));
    struct pollfd poll_fd = {fd, POLLIN, 0};
    say("poll while it runs", poll(&poll_fd, 1, 0));
    siginfo_t info;
    memset(&info, 0, sizeof info);
    say("waitid WNOHANG", waitid(P_PIDFD, fd, &info, WEXITED | WNOHANG));
    say("tells nothing", info.si_pid);
    say("send 0", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    say("send SIGTERM", syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
    say("poll", poll(&poll_fd, 1, -1));
    say("POLLIN", (poll_fd.revents & POLLIN) != 0);
    say("send to a zombie", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    say("waitid", waitid(P_PIDFD, fd, &info, WEXITED));
    check("its pid", info.si_pid == pid && info.si_code == CLD_KILLED);
    printf("killed by %s\n", signame(info.si_status));
    say("waitid again", waitid(P_PIDFD, fd, &info, WEXITED));
    say("send to nobody", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    say("open nobody", syscall(SYS_pidfd_open, pid, 0));
    say("a flag that isn't one", syscall(SYS_pidfd_open, getpid(), 1));
    say("pid 0", syscall(SYS_pidfd_open, 0, 0));
    say("of another descriptor", syscall(SYS_pidfd_send_signal, 1, 0, NULL, 0));
    say("read", read(fd, &info, 1));
    return 0;
}
