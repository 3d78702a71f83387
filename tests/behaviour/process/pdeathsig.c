/* PR_SET_PDEATHSIG(2const): a signal for when one's parent ends. */
#include "../tasks.h"
#include <sys/prctl.h>

int main(void)
{
    struct gate ready = new_gate(), done = new_gate();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t parent = fork();
    if (parent == 0) {
        pid_t middle = getpid(), pid = fork();
        if (pid == 0) {
            int sig = -1;
            sigset_t set;
            siginfo_t info;
            sigemptyset(&set);
            sigaddset(&set, SIGUSR1);
            sigprocmask(SIG_BLOCK, &set, NULL);
            say("set", prctl(PR_SET_PDEATHSIG, SIGUSR1));
            prctl(PR_GET_PDEATHSIG, &sig);
            printf("it is %s\n", signame(sig));
            if (fork() == 0) {
                prctl(PR_GET_PDEATHSIG, &sig);
                say("a child has none", sig);
                return 0;
            }
            wait(NULL);
            open_gate(ready);
            sig = sigwaitinfo(&set, &info);
            pass(done);
            printf("%s came\n", signame(sig));
            check("from the parent", info.si_pid == middle);
            check("which is another now", getppid() != middle);
            say("not a signal", prctl(PR_SET_PDEATHSIG, 999));
            return 41;
        }
        pass(ready);
        return 40;
    }
    reap("parent", parent);
    open_gate(done);
    int status;
    check("the orphan", wait(&status) > 0);
    ended("it", status);
    return 0;
}
