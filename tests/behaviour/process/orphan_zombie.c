/* _exit(2): children that had ended, but were not waited for, are handed on with those that run. */
#include "../tasks.h"
#include <sys/prctl.h>

int main(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t parent = fork();
    if (parent == 0) {
        siginfo_t info;
        for (int i = 0; i < 3; i++) {
            pid_t pid = fork();
            if (pid == 0)
                _exit(20 + i);
            waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
        }
        return 10;
    }
    int status, sum = 0;
    reap("parent", parent);
    while (wait(&status) > 0)
        sum += WEXITSTATUS(status);
    say("sum of their statuses", sum);
    return 0;
}
