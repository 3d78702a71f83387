/* fork(2), getpid(2), getppid(2): the child has a pid of its own, which its parent was told, and its parent's as parent. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    pid_t told[2], before = getpid();
    pipe(fds);
    pid_t pid = fork();
    if (pid == 0) {
        pid_t mine[2] = {getpid(), getppid()};
        write(fds[1], mine, sizeof mine);
        return 0;
    }
    say("read", read(fds[0], told, sizeof told) == sizeof told);
    check("the child's pid", told[0] == pid);
    check("the child's parent", told[1] == before);
    check("another than ours", pid != before && pid > 0);
    check("ours stays", getpid() == before);
    check("of the same session", getsid(pid) == getsid(0));
    check("of the same group", getpgid(pid) == getpgrp());
    reap("child", pid);
    return 0;
}
