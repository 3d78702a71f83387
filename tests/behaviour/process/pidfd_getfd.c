/* pidfd_getfd(2): a copy of another process's descriptor. */
#include "../tasks.h"

int main(void)
{
    struct gate up = new_gate(), go = new_gate();
    put("file", "abcdef");
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("file", O_RDONLY), 50);
        open_gate(up);
        pass(go);
        say("the offset is shared", lseek(50, 0, SEEK_CUR));
        return 0;
    }
    pass(up);
    char text[4] = "";
    int pidfd = syscall(SYS_pidfd_open, pid, 0);
    int fd = syscall(SYS_pidfd_getfd, pidfd, 50, 0);
    check("a copy", fd >= 0 && fd != 50);
    say("FD_CLOEXEC", fcntl(fd, F_GETFD));
    say("read", read(fd, text, 3));
    puts(text);
    say("one that isn't open there", syscall(SYS_pidfd_getfd, pidfd, 51, 0));
    say("not a pidfd", syscall(SYS_pidfd_getfd, fd, 50, 0));
    say("a flag", syscall(SYS_pidfd_getfd, pidfd, 50, 1));
    open_gate(go);
    reap("child", pid);
    say("of nobody", syscall(SYS_pidfd_getfd, pidfd, 50, 0));
    unlink("file");
    return 0;
}
