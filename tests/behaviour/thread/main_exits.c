/* pthread_exit(3): when main leaves so, the process lives until its last thread ends, with status 0. */
#include "../tasks.h"

static pthread_t first;

static void *run(void *argument)
{
    printf("main has ended: %s\n", strerror(pthread_join(first, NULL)));
    return (void *)5;
}

static void *exits(void *argument)
{
    pthread_join(first, NULL);
    exit(6);
}

int main(void)
{
    first = pthread_self();
    pthread_t thread;
    pid_t pid = fork();
    if (pid == 0) {
        first = pthread_self();
        pthread_create(&thread, NULL, run, NULL);
        pthread_exit((void *)3);
    }
    reap("the last thread ends", pid);
    pid = fork();
    if (pid == 0) {
        first = pthread_self();
        pthread_create(&thread, NULL, exits, NULL);
        pthread_exit((void *)3);
    }
    reap("another exits", pid);
    return 0;
}
