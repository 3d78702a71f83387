/* clone(2): with CLONE_PARENT the child is the caller's sibling: who waits for it is the caller's parent. */
#include "../tasks.h"
#include <sched.h>

static char stack[65536] __attribute__((aligned(64)));
static pid_t top;
static struct gate go;

static int sibling(void *unused)
{
    pass(go);
    check("its parent is the first process", getppid() == top);
    return 31;
}

int main(void)
{
    top = getpid();
    go = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        pid_t made = clone(sibling, stack + sizeof stack, CLONE_PARENT | SIGCHLD, NULL);
        check("made", made > 0);
        say("not the caller's child", waitpid(made, NULL, __WALL));
        open_gate(go);
        return 30;
    }
    int status, sum = 0, count = 0;
    while (wait(&status) > 0) {
        sum += WEXITSTATUS(status);
        count++;
    }
    say("children", count);
    say("sum of their statuses", sum);
    return 0;
}
