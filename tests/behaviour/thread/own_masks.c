/* pthread_sigmask(3): every thread has its own mask, and begins with its maker's; what is pending for one is not for others. */
#include "../tasks.h"

static struct gate ready, go;

static void tell(const char *what)
{
    sigset_t set, pending;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    sigpending(&pending);
    printf("%s: USR1 %d USR2 %d TERM %d, pending USR1 %d USR2 %d\n", what, sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2),
        sigismember(&set, SIGTERM), sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2));
}

static void *run(void *argument)
{
    tell("thread begins");
    mask(SIG_BLOCK, SIGTERM);
    mask(SIG_UNBLOCK, SIGUSR2);
    open_gate(ready);
    pass(go);
    tell("thread ends");
    return NULL;
}

int main(void)
{
    pthread_t thread;
    ready = new_gate();
    go = new_gate();
    mask(SIG_BLOCK, SIGUSR1);
    mask(SIG_BLOCK, SIGUSR2);
    raise(SIGUSR2);
    pthread_create(&thread, NULL, run, NULL);
    pass(ready);
    tell("main");
    pthread_kill(thread, SIGUSR1);
    tell("main");
    open_gate(go);
    pthread_join(thread, NULL);
    tell("main");
    kill(getpid(), SIGUSR1);
    tell("sent to the process");
    return 0;
}
