/* setsid(2): a new session and group, which the caller leads; not for one that leads a group. */
#include "../tasks.h"

int main(void)
{
    pid_t before = getsid(0);
    pid_t pid = fork();
    if (pid == 0) {
        check("setsid", setsid() == getpid());
        check("getsid", getsid(0) == getpid());
        check("getpgrp", getpgrp() == getpid());
        say("again", setsid());
        pid_t grandchild = fork();
        if (grandchild == 0) {
            check("inherited", getsid(0) == getppid());
            check("a session of its own", setsid() == getpid());
            return 2;
        }
        reap("grandchild", grandchild);
        return 1;
    }
    reap("child", pid);
    check("ours stays", getsid(0) == before);
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        say("a leader of a group", setsid());
        return 3;
    }
    reap("child", pid);
    say("getsid of nobody", getsid(pid));
    return 0;
}
