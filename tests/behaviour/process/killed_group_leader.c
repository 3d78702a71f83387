/* wait(2), setpgid(2): a group outlives its leader; others of it can be signalled and waited for. */
#include "../tasks.h"

int main(void)
{
    struct gate ready = new_gate();
    pid_t leader = fork();
    if (leader == 0) {
        setpgid(0, 0);
        for (;;)
            pause();
    }
    setpgid(leader, leader);
    pid_t member = fork();
    if (member == 0) {
        setpgid(0, leader);
        open_gate(ready);
        for (;;)
            pause();
    }
    pass(ready);
    kill(leader, SIGKILL);
    reap("leader", leader);
    check("the group is there", getpgid(member) == leader);
    say("kill of the pid", kill(leader, 0));
    say("kill of the group", kill(-leader, SIGHUP));
    int status;
    check("waitpid of the group", waitpid(-leader, &status, 0) == member);
    ended("member", status);
    say("gone", kill(-leader, 0));
    return 0;
}
