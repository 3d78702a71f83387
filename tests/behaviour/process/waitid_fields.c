/* waitid(2): what siginfo_t tells of a child that exits, is killed, stops and goes on; WNOWAIT leaves it to be waited for. */
#include "../tasks.h"

static void tell(const char *what, int result, const siginfo_t *info, pid_t pid)
{
    say(what, result);
    if (result)
        return;
    static const char *const codes[] = {"?", "EXITED", "KILLED", "DUMPED", "TRAPPED", "STOPPED", "CONTINUED"};
    printf("  CLD_%s, %s\n", codes[info->si_code % 7],
        info->si_code == CLD_EXITED ? "status" : signame(info->si_status));
    if (info->si_code == CLD_EXITED)
        say("  status", info->si_status);
    check("  SIGCHLD", info->si_signo == SIGCHLD);
    check("  its pid", info->si_pid == pid);
    check("  its user", info->si_uid == getuid());
}

int main(void)
{
    siginfo_t info;
    struct gate go = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        raise(SIGSTOP);
        pass(go);
        return 300;
    }
    tell("stopped, left", waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT), &info, pid);
    tell("stopped", waitid(P_PID, pid, &info, WSTOPPED), &info, pid);
    memset(&info, 0x55, sizeof info);
    say("nothing yet", waitid(P_PID, pid, &info, WSTOPPED | WEXITED | WNOHANG));
    check("says so by zeroes", info.si_pid == 0 && info.si_signo == 0);
    kill(pid, SIGCONT);
    tell("continued", waitid(P_PID, pid, &info, WCONTINUED), &info, pid);
    open_gate(go);
    tell("exited, left", waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), &info, pid);
    tell("exited", waitid(P_PGID, getpgrp(), &info, WEXITED), &info, pid);
    tell("gone", waitid(P_PID, pid, &info, WEXITED), &info, pid);
    pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    kill(pid, SIGTERM);
    tell("killed", waitid(P_PID, pid, &info, WEXITED), &info, pid);
    say("no option", waitid(P_PID, pid, &info, WNOHANG));
    say("a type that isn't one", waitid(77, pid, &info, WEXITED));
    return 0;
}
