/* kill(2), sigqueue(3): a child handles what its parent sends, and is told by whom. */
#include "../tasks.h"

int main(void)
{
    struct gate up = new_gate();
    pid_t parent = getpid();
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t pid = fork();
    if (pid == 0) {
        siginfo_t info;
        for (int i = 0; i < 3; i++) {
            int sig = sigwaitinfo(&set, &info);
            printf("%s", signame(sig));
            if (info.si_code == SI_QUEUE)
                printf(" with %d", info.si_value.sival_int);
            puts("");
            check("from the parent", info.si_pid == parent && info.si_uid == getuid());
            open_gate(up);
        }
        return 0;
    }
    kill(pid, SIGUSR1);
    pass(up);
    sigqueue(pid, SIGRTMIN, (union sigval){.sival_int = 99});
    pass(up);
    sigqueue(pid, SIGUSR1, (union sigval){.sival_int = -1});
    pass(up);
    reap("child", pid);
    return 0;
}
