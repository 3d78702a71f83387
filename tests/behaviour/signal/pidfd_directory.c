/* pidfd_send_signal(2): the directory of a process in /proc will do for its descriptor. */
#include "../tasks.h"
#include <sys/syscall.h>
#include <sys/wait.h>

int main(void)
{
    char name[32];
    int ready[2];
    pipe(ready);
    pid_t pid = fork();
    if (pid == 0) {
        pause();
        return 0;
    }
    snprintf(name, sizeof name, "/proc/%d", pid);
    int fd = open(name, O_RDONLY | O_DIRECTORY);
    say("no signal", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    say("SIGTERM", syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
    reap("child", pid);
    say("who has gone", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
    say("another directory", syscall(SYS_pidfd_send_signal, open("/proc", O_RDONLY), 0, NULL, 0));
    say("a thread's", syscall(SYS_pidfd_send_signal, open("/proc/self/task", O_RDONLY), 0, NULL, 0));
    snprintf(name, sizeof name, "/proc/self/task/%d", getpid());
    say("a thread's own", syscall(SYS_pidfd_send_signal, open(name, O_RDONLY), 0, NULL, 0));
    say("only pointed at", syscall(SYS_pidfd_send_signal, open("/proc/self", O_PATH), 0, NULL, 0));
    return 0;
}
