/* PR_SET_CHILD_SUBREAPER(2const): orphans become children of their nearest ancestor that asked for them. */
#include "../tasks.h"
#include <sys/prctl.h>

int main(void)
{
    int is = -1;
    say("set", prctl(PR_SET_CHILD_SUBREAPER, 1));
    say("get", prctl(PR_GET_CHILD_SUBREAPER, &is));
    say("it is", is);
    struct gate orphaned = new_gate(), told = new_gate();
    pid_t top = getpid(), parent = fork();
    if (parent == 0) {
        prctl(PR_GET_CHILD_SUBREAPER, &is);
        say("not inherited", is);
        pid_t middle = getpid();
        if (fork() == 0) {
            check("its parent at first", getppid() == middle);
            open_gate(told);
            pass(orphaned);
            check("its parent afterwards", getppid() == top);
            return 12;
        }
        pass(told);
        return 11;
    }
    reap("parent", parent);
    open_gate(orphaned);
    int status;
    pid_t orphan = wait(&status);
    check("another than the parent", orphan > 0 && orphan != parent);
    ended("orphan", status);
    say("none left", wait(NULL));
    return 0;
}
