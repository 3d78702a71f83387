/* signalfd(2): blocked signals are read from a descriptor. */
#include "../tasks.h"
#include <sys/signalfd.h>

int main(void)
{
    sigset_t set;
    struct signalfd_siginfo info[4];
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN + 2);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    check("open", fd >= 0);
    say("FD_CLOEXEC", fcntl(fd, F_GETFD));
    say("nothing", read(fd, info, sizeof info));
    raise(SIGUSR1);
    sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = -7});
    sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = 8});
    say("a buffer too small", read(fd, info, 100));
    say("read", read(fd, info, sizeof info) / sizeof *info);
    for (int i = 0; i < 3; i++) {
        printf("%s %d\n", signame(info[i].ssi_signo), info[i].ssi_int);
        check("from oneself", info[i].ssi_pid == getpid() && info[i].ssi_uid == getuid());
    }
    check("SI_QUEUE", info[1].ssi_code == SI_QUEUE);
    say("taken", read(fd, info, sizeof info));
    pid_t pid = fork();
    if (pid == 0)
        return 12;
    fcntl(fd, F_SETFL, 0);
    say("waits for a child", read(fd, info, sizeof info) / sizeof *info);
    printf("%s, status %d\n", signame(info->ssi_signo), info->ssi_status);
    check("CLD_EXITED, its pid", info->ssi_code == CLD_EXITED && info->ssi_pid == pid);
    reap("child", pid);
    sigdelset(&set, SIGUSR1);
    check("other signals", signalfd(fd, &set, 0) == fd);
    raise(SIGUSR1);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    say("not that one any more", read(fd, info, sizeof info));
    say("not a signalfd", signalfd(1, &set, 0));
    say("a flag that isn't one", signalfd(-1, &set, 1));
    say("write", write(fd, info, sizeof info));
    return 0;
}
