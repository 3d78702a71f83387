/* wait(2), kill(2): a child that has ended can still be sent signals until it is waited for; then its pid is nobody's. */
#include "../tasks.h"

int main(void)
{
    siginfo_t info;
    pid_t pid = fork();
    if (pid == 0)
        return 7;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    say("kill 0", kill(pid, 0));
    say("kill SIGKILL", kill(pid, SIGKILL));
    check("getpgid", getpgid(pid) == getpgrp());
    check("getsid", getsid(pid) == getsid(0));
    reap("child", pid);
    say("kill 0", kill(pid, 0));
    say("getpgid", getpgid(pid));
    say("getsid", getsid(pid));
    return 0;
}
