/* sigaction(2): SIGCHLD tells of children that exit, are killed, stop and go on; with SA_NOCLDSTOP not of the last two. */
#include "../tasks.h"

static sigset_t child;

static void next(const char *what, pid_t pid)
{
    siginfo_t info;
    int sig = sigwaitinfo(&child, &info);
    static const char *const codes[] = {"?", "EXITED", "KILLED", "DUMPED", "TRAPPED", "STOPPED", "CONTINUED"};
    printf("%s: %s, CLD_%s, ", what, signame(sig), codes[info.si_code % 7]);
    if (info.si_code == CLD_EXITED)
        printf("%d\n", info.si_status);
    else
        puts(signame(info.si_status));
    check("its pid", info.si_pid == pid);
    check("its user", info.si_uid == getuid());
}

static void nothing(int sig)
{
}

int main(void)
{
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    struct gate go = new_gate();
    handle(SIGCHLD, nothing, 0);
    pid_t pid = fork();
    if (pid == 0) {
        pass(go);
        return 33;
    }
    kill(pid, SIGSTOP);
    next("stopped", pid);
    kill(pid, SIGCONT);
    next("continued", pid);
    open_gate(go);
    next("exited", pid);
    reap("child", pid);
    handle(SIGCHLD, nothing, SA_NOCLDSTOP);
    pid = fork();
    if (pid == 0) {
        pass(go);
        return 34;
    }
    int status;
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    ended("child", status);
    kill(pid, SIGCONT);
    waitpid(pid, &status, WCONTINUED);
    ended("child", status);
    sigset_t pending;
    sigpending(&pending);
    say("pending", sigismember(&pending, SIGCHLD));
    kill(pid, SIGKILL);
    next("killed", pid);
    reap("child", pid);
    return 0;
}
