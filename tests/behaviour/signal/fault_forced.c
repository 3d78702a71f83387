/* signal(7): a fault ends the process though SIGSEGV is blocked or ignored; one that was sent does not. */
#include "../tasks.h"

static volatile int *volatile nowhere = (int *)8;

static void fault(void)
{
    *nowhere = 1;
}

static void faults(int sig)
{
    puts("handled");
    fault();
}

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSEGV, SIG_IGN);
        kill(getpid(), SIGSEGV);
        puts("ignored when it is sent");
        fault();
    }
    reap("ignored", pid);
    pid = fork();
    if (pid == 0) {
        handle(SIGSEGV, faults, 0);
        mask(SIG_BLOCK, SIGSEGV);
        kill(getpid(), SIGSEGV);
        puts("blocked when it is sent");
        fault();
    }
    reap("blocked", pid);
    pid = fork();
    if (pid == 0) {
        handle(SIGSEGV, faults, 0);
        fault();
    }
    reap("within its handler", pid);
    return 0;
}
