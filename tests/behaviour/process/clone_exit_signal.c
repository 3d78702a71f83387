/* clone(2), wait(2): a child may send another signal than SIGCHLD at its end, or none; then only __WCLONE and __WALL see it. */
#include "../tasks.h"
#include <sched.h>

static char stack[65536] __attribute__((aligned(64)));
static volatile int seen;

static void count(int sig)
{
    seen++;
}

static int child(void *unused)
{
    return 14;
}

int main(void)
{
    handle(SIGUSR1, count, 0);
    handle(SIGCHLD, count, 0);
    int status;
    pid_t pid = clone(child, stack + sizeof stack, SIGUSR1, NULL);
    say("wait without __WCLONE", waitpid(-1, &status, 0));
    pid_t found;
    do
        found = waitpid(-1, &status, __WCLONE);
    while (found == -1 && errno == EINTR);
    check("with it", found == pid);
    ended("child", status);
    say("SIGUSR1 came", seen);
    pid = clone(child, stack + sizeof stack, 0, NULL);
    say("wait without __WALL", waitpid(pid, &status, 0));
    reap("with it", pid);
    say("no signal came", seen);
    pid = clone(child, stack + sizeof stack, SIGCHLD, NULL);
    do
        found = waitpid(pid, &status, __WCLONE);
    while (found == -1 && errno == EINTR);
    check("__WCLONE does not see those of SIGCHLD", found == -1 && errno == ECHILD);
    reap("child", pid);
    say("SIGCHLD came", seen);
    return 0;
}
