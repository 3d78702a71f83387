/* abort(3): SIGABRT ends the process though it is blocked, ignored, or its handler returns. */
#include "../tasks.h"
#include <setjmp.h>

static sigjmp_buf back;

static void returns(int sig)
{
    puts("handled");
}

static void leaves(int sig)
{
    siglongjmp(back, 1);
}

static void run(const char *what, void (*handler)(int))
{
    pid_t pid = fork();
    if (pid == 0) {
        mask(SIG_BLOCK, SIGABRT);
        signal(SIGABRT, handler);
        abort();
    }
    reap(what, pid);
}

int main(void)
{
    run("default, blocked", SIG_DFL);
    run("ignored", SIG_IGN);
    run("a handler that returns", returns);
    pid_t pid = fork();
    if (pid == 0) {
        handle(SIGABRT, leaves, 0);
        if (sigsetjmp(back, 1) == 0)
            abort();
        puts("left abort");
        return 3;
    }
    reap("a handler that leaves", pid);
    return 0;
}
