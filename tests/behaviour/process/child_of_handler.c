/* fork(2), signal-safety(7): a handler may fork and wait. */
#include "../tasks.h"

static volatile sig_atomic_t status = -1;

static void forks(int sig)
{
    int result;
    pid_t pid = fork();
    if (pid == 0)
        _exit(66);
    if (waitpid(pid, &result, 0) == pid)
        status = WEXITSTATUS(result);
}

static void leaves(int sig)
{
    _exit(67);
}

int main(void)
{
    handle(SIGUSR1, forks, 0);
    raise(SIGUSR1);
    say("status", status);
    pid_t pid = fork();
    if (pid == 0) {
        handle(SIGUSR2, leaves, 0);
        raise(SIGUSR2);
        return 1;
    }
    reap("a handler that leaves", pid);
    pid = fork();
    if (pid == 0) {
        sigset_t set;
        raise(SIGUSR1);
        sigprocmask(SIG_SETMASK, NULL, &set);
        return sigismember(&set, SIGUSR1);
    }
    reap("inherited", pid);
    return 0;
}
