/* sigaction(2): SA_RESETHAND makes a handler one for one time. */
#include "../tasks.h"

static void note(int sig)
{
    struct sigaction now;
    sigaction(sig, NULL, &now);
    printf("handled, now %s\n", now.sa_handler == SIG_DFL ? "default" : "still handled");
}

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        handle(SIGUSR1, note, SA_RESETHAND);
        raise(SIGUSR1);
        raise(SIGUSR1);
        puts("not reached");
        return 0;
    }
    reap("SA_RESETHAND", pid);
    pid = fork();
    if (pid == 0) {
        signal(SIGUSR1, note);
        raise(SIGUSR1);
        raise(SIGUSR1);
        return 0;
    }
    reap("signal", pid);
    pid = fork();
    if (pid == 0) {
        sysv_signal(SIGUSR1, note);
        raise(SIGUSR1);
        raise(SIGUSR1);
        return 0;
    }
    reap("sysv_signal", pid);
    return 0;
}
