/* gettid(2), getpid(2): threads share the pid and have ids of their own; the first's is the pid. */
#include "../tasks.h"

static pid_t tids[3];

static void *run(void *argument)
{
    tids[(long)argument] = syscall(SYS_gettid);
    return (void *)(long)(getpid());
}

int main(void)
{
    pthread_t threads[3];
    void *result;
    check("the first thread", syscall(SYS_gettid) == getpid());
    for (long i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, run, (void *)i);
        pthread_join(threads[i], &result);
        check("one pid", (long)result == getpid());
        check("another id", tids[i] != getpid() && tids[i] > 0);
    }
    check("each another", tids[0] != tids[1] && tids[1] != tids[2] && tids[0] != tids[2]);
    say("one that has ended", syscall(SYS_tgkill, getpid(), tids[0], 0));
    return 0;
}
