/* clone(2): with CLONE_FILES both have one table of descriptors, without each has its own. */
#include "../tasks.h"
#include <sched.h>

static char stack[65536] __attribute__((aligned(64)));

static int child(void *unused)
{
    say("dup2 by the child", dup2(1, 50));
    say("close by the child", close(51));
    return 0;
}

static void run(const char *what, int flags)
{
    puts(what);
    dup2(1, 51);
    close(50);
    reap("child", clone(child, stack + sizeof stack, flags | SIGCHLD, NULL));
    say("F_GETFD of what it opened", fcntl(50, F_GETFD));
    say("F_GETFD of what it closed", fcntl(51, F_GETFD));
}

int main(void)
{
    run("with CLONE_FILES", CLONE_FILES);
    run("without", 0);
    return 0;
}
