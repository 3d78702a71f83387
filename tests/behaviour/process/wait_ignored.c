/* wait(2): who ignores SIGCHLD, or handles it with SA_NOCLDWAIT, is told of no child: wait(2) waits for all, and fails. */
#include "../tasks.h"

static void nothing(int sig)
{
}

static void run(const char *what)
{
    struct gate go = new_gate();
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            pass(go);
            _exit(i);
        }
    for (int i = 0; i < 3; i++)
        open_gate(go);
    int status = 77;
    pid_t found;
    do
        found = wait(&status);
    while (found == -1 && errno == EINTR);
    say(what, found);
    say("status as it was", status);
}

int main(void)
{
    signal(SIGCHLD, SIG_IGN);
    run("SIG_IGN");
    handle(SIGCHLD, nothing, SA_NOCLDWAIT);
    run("SA_NOCLDWAIT");
    signal(SIGCHLD, SIG_DFL);
    if (fork() == 0)
        _exit(9);
    int status;
    check("SIG_DFL", wait(&status) > 0);
    ended("child", status);
    siginfo_t info;
    pid_t pid = fork();
    if (pid == 0)
        _exit(10);
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    signal(SIGCHLD, SIG_IGN);
    check("one that had ended before", wait(&status) == pid || errno == ECHILD);
    return 0;
}
