/* clone(2): with CLONE_VM both have one memory; with CLONE_VFORK the parent waits for the child's end. */
#include "../tasks.h"
#include <sched.h>

static char stack[65536] __attribute__((aligned(64)));
static volatile int value;

static int child(void *by)
{
    value += *(int *)by;
    *(int *)by = -1;
    return value;
}

static void run(const char *what, int flags)
{
    int by = 5;
    value = 1;
    pid_t pid = clone(child, stack + sizeof stack, flags | SIGCHLD, &by);
    if (!(flags & CLONE_VFORK))
        reap(what, pid);
    printf("%s: value %d, argument %d\n", what, value, by);
    if (flags & CLONE_VFORK)
        reap(what, pid);
}

int main(void)
{
    run("CLONE_VM|CLONE_VFORK", CLONE_VM | CLONE_VFORK);
    run("CLONE_VM", CLONE_VM);
    run("CLONE_VFORK", CLONE_VFORK);
    run("neither", 0);
    return 0;
}
