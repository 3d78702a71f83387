/* clone(2): with CLONE_SIGHAND both have one table of handlers, without each has its own; masks are never shared. */
#include "../tasks.h"
#include <sched.h>

static char stack[65536] __attribute__((aligned(64)));

static int child(void *unused)
{
    signal(SIGUSR1, SIG_IGN);
    mask(SIG_BLOCK, SIGUSR2);
    return 0;
}

static void run(const char *what, int flags)
{
    signal(SIGUSR1, SIG_DFL);
    reap(what, clone(child, stack + sizeof stack, flags | SIGCHLD, NULL));
    struct sigaction action;
    sigset_t set;
    sigaction(SIGUSR1, NULL, &action);
    sigprocmask(SIG_SETMASK, NULL, &set);
    printf("USR1 %s, USR2 %s\n", action.sa_handler == SIG_IGN ? "ignored" : "default",
        sigismember(&set, SIGUSR2) ? "blocked" : "not blocked");
}

int main(void)
{
    run("with CLONE_SIGHAND", CLONE_SIGHAND | CLONE_VM);
    run("without", CLONE_VM);
    say("CLONE_SIGHAND without CLONE_VM", clone(child, stack + sizeof stack, CLONE_SIGHAND | SIGCHLD, NULL));
    say("CLONE_THREAD without CLONE_SIGHAND", clone(child, stack + sizeof stack, CLONE_THREAD | CLONE_VM, NULL));
    return 0;
}
