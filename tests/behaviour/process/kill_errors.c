/* kill(2): signals that aren't, processes that aren't; 0 only asks. */
#include "../tasks.h"

int main(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    say("0 to a child", kill(pid, 0));
    say("0 to oneself", kill(getpid(), 0));
    say("200", kill(pid, 200));
    say("-1", kill(pid, -1));
    kill(pid, SIGKILL);
    reap("child", pid);
    say("nobody", kill(pid, 0));
    say("no group", kill(-pid, SIGTERM));
    say("a pid beyond all", kill(0x7ffffff0, 0));
    say("tgkill of another's thread", syscall(SYS_tgkill, getpid(), pid, 0));
    say("tgkill of 0", syscall(SYS_tgkill, 0, 0, 0));
    say("tgkill of oneself", syscall(SYS_tgkill, getpid(), getpid(), 0));
    return 0;
}
