/* waitpid(2): a negative pid waits for any child of that process group, 0 for any of one's own. */
#include "../tasks.h"

int main(void)
{
    struct gate go = new_gate();
    pid_t own = fork();
    if (own == 0) {
        pass(go);
        return 1;
    }
    pid_t other = fork();
    if (other == 0)
        return 2;
    setpgid(other, other);
    int status;
    check("of the other group", waitpid(-other, &status, 0) == other);
    pid_t leader = fork();
    if (leader == 0) {
        setpgid(0, 0);
        pid_t member = fork();
        if (member == 0)
            return 3;
        reap("member of the leader's group", member);
        return 4;
    }
    reap("leader", leader);
    say("a group without children", waitpid(-leader, &status, WNOHANG));
    say("one's own, still running", waitpid(0, &status, WNOHANG));
    open_gate(go);
    check("one's own", waitpid(0, &status, 0) == own);
    ended("it", status);
    say("none left", waitpid(0, &status, 0));
    return 0;
}
