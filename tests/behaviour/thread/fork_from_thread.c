/* fork(2): the child has one thread, the one that forked. */
#include "../tasks.h"

static struct gate ready, never;
static __thread int mine;

static void *waits(void *argument)
{
    open_gate(ready);
    pass(never);
    puts("still here");
    return NULL;
}

static void *forks(void *argument)
{
    mine = 9;
    pid_t pid = fork();
    if (pid == 0) {
        say("its own variable", mine);
        check("the first thread now", syscall(SYS_gettid) == getpid());
        return NULL;
    }
    reap("child", pid);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    ready = new_gate();
    never = new_gate();
    pthread_create(&threads[0], NULL, waits, NULL);
    pass(ready);
    pthread_create(&threads[1], NULL, forks, NULL);
    pthread_join(threads[1], NULL);
    open_gate(never);
    pthread_join(threads[0], NULL);
    return 0;
}
