/* setpgid(2): of oneself and of children that run the same program yet, into groups of the same session. */
#include "../tasks.h"

int main(int argc, char **argv)
{
    if (argc > 1) {
        struct gate up = {-1, 41}, go = {40, -1};
        open_gate(up);
        pass(go);
        return 0;
    }
    struct gate go = new_gate(), up = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        pass(go);
        check("moved by its parent", getpgrp() == getpid());
        dup2(go.out, 40);
        dup2(up.in, 41);
        execl("/proc/self/exe", "second", "run", NULL);
        _exit(127);
    }
    say("a child", setpgid(pid, pid));
    check("getpgid", getpgid(pid) == pid);
    say("and back", setpgid(pid, getpgrp()));
    say("into its own again", setpgid(pid, 0));
    open_gate(go);
    pass(up);
    say("after execve", setpgid(pid, getpgrp()));
    open_gate(go);
    reap("child", pid);
    say("of nobody", setpgid(pid, 0));
    say("not a child", setpgid(getppid(), 0));
    say("less than 0", setpgid(0, -1));
    pid = fork();
    if (pid == 0) {
        check("setsid", setsid() == getpid());
        say("a leader of a session", setpgid(0, 0));
        return 0;
    }
    reap("child", pid);
    pid = fork();
    if (pid == 0) {
        pid_t leader = fork();
        if (leader == 0) {
            setsid();
            open_gate(up);
            pass(go);
            return 0;
        }
        pass(up);
        say("a group of another session", setpgid(0, leader));
        say("a child of another session", setpgid(leader, 0));
        open_gate(go);
        reap("leader", leader);
        return 0;
    }
    reap("child", pid);
    return 0;
}
