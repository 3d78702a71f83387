/* signal(7): a fault of one thread ends the process. */
#include "../tasks.h"

static volatile int *volatile nowhere = (int *)8;

static void *faults(void *argument)
{
    *nowhere = 1;
    return NULL;
}

static void *raises(void *argument)
{
    raise(SIGUSR1);
    return NULL;
}

static void run(const char *what, void *(*function)(void *))
{
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, function, NULL);
        pthread_join(thread, NULL);
        puts("not reached");
        _exit(1);
    }
    reap(what, pid);
}

int main(void)
{
    run("a fault", faults);
    run("a signal", raises);
    return 0;
}
