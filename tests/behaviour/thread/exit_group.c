/* exit_group(2): a thread's exit ends all, wherever they are. */
#include "../tasks.h"

static struct gate ready, never;

static void *waits(void *argument)
{
    open_gate(ready);
    pass(never);
    puts("not reached");
    return NULL;
}

static void *computes(void *argument)
{
    open_gate(ready);
    for (volatile long i = 0;; i++)
        ;
    return NULL;
}

static void *exits(void *argument)
{
    pass(ready);
    pass(ready);
    _exit(44);
}

int main(void)
{
    pthread_t threads[3];
    ready = new_gate();
    never = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        pthread_create(&threads[0], NULL, waits, NULL);
        pthread_create(&threads[1], NULL, computes, NULL);
        pthread_create(&threads[2], NULL, exits, NULL);
        pthread_join(threads[0], NULL);
        puts("not reached");
    }
    reap("by a thread", pid);
    pid = fork();
    if (pid == 0) {
        pthread_create(&threads[0], NULL, waits, NULL);
        pthread_create(&threads[1], NULL, computes, NULL);
        pass(ready);
        pass(ready);
        return 45;
    }
    reap("by main", pid);
    pid = fork();
    if (pid == 0) {
        pthread_create(&threads[0], NULL, waits, NULL);
        pthread_create(&threads[1], NULL, computes, NULL);
        pthread_join(threads[0], NULL);
    }
    pass(ready);
    pass(ready);
    kill(pid, SIGTERM);
    reap("by a signal", pid);
    return 0;
}
