/* pthread_mutex_lock(3), pthread_mutex_trylock(3), pthread_mutex_timedlock(3): of mutexes that check, that count, that are held. */
#include "../tasks.h"

static pthread_mutex_t mutex;

static void *other(void *argument)
{
    struct timespec until;
    printf("other: trylock: %s\n", strerror(pthread_mutex_trylock(&mutex)));
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 5000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    printf("other: timedlock: %s\n", strerror(pthread_mutex_timedlock(&mutex, &until)));
    if (argument)
        printf("other: unlock: %s\n", strerror(pthread_mutex_unlock(&mutex)));
    return NULL;
}

static void run(const char *what, int kind)
{
    pthread_t thread;
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, kind);
    pthread_mutex_init(&mutex, &attributes);
    printf("%s: %s\n", what, strerror(pthread_mutex_lock(&mutex)));
    printf("trylock: %s\n", strerror(pthread_mutex_trylock(&mutex)));
    if (kind != PTHREAD_MUTEX_NORMAL)
        printf("lock: %s\n", strerror(pthread_mutex_lock(&mutex)));
    pthread_create(&thread, NULL, other, kind == PTHREAD_MUTEX_NORMAL ? NULL : "unlocks");
    pthread_join(thread, NULL);
    printf("unlock: %s\n", strerror(pthread_mutex_unlock(&mutex)));
    if (kind != PTHREAD_MUTEX_NORMAL) {
        printf("unlock: %s\n", strerror(pthread_mutex_unlock(&mutex)));
        if (kind == PTHREAD_MUTEX_RECURSIVE)
            printf("unlock: %s\n", strerror(pthread_mutex_unlock(&mutex)));
        printf("unlock: %s\n", strerror(pthread_mutex_unlock(&mutex)));
    }
    pthread_mutex_destroy(&mutex);
}

int main(void)
{
    run("normal", PTHREAD_MUTEX_NORMAL);
    run("recursive", PTHREAD_MUTEX_RECURSIVE);
    run("that checks", PTHREAD_MUTEX_ERRORCHECK);
    return 0;
}
