/* pthread_mutexattr_setrobust(3): who locks a mutex whose owner has ended is told so, and mends what it guards. */
#include "../tasks.h"
#include <sys/mman.h>

static pthread_mutex_t *mutex;

static void *dies(void *argument)
{
    pthread_mutex_lock(mutex);
    return NULL;
}

static void init(void)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(mutex, &attributes);
}

int main(void)
{
    mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    init();
    pthread_t thread;
    pthread_create(&thread, NULL, dies, NULL);
    pthread_join(thread, NULL);
    printf("of a thread: %s\n", strerror(pthread_mutex_lock(mutex)));
    printf("consistent: %s\n", strerror(pthread_mutex_consistent(mutex)));
    printf("unlock: %s\n", strerror(pthread_mutex_unlock(mutex)));
    printf("lock: %s\n", strerror(pthread_mutex_lock(mutex)));
    pthread_mutex_unlock(mutex);
    struct gate ready = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        pthread_mutex_lock(mutex);
        open_gate(ready);
        for (;;)
            pause();
    }
    pass(ready);
    printf("held by a process: %s\n", strerror(pthread_mutex_trylock(mutex)));
    kill(pid, SIGKILL);
    printf("killed: %s\n", strerror(pthread_mutex_lock(mutex)));
    reap("child", pid);
    printf("unlock: %s\n", strerror(pthread_mutex_unlock(mutex)));
    printf("not made consistent: %s\n", strerror(pthread_mutex_lock(mutex)));
    return 0;
}
