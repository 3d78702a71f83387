/* pthread_mutexattr_setprotocol(3): mutexes that lend priority, which the kernel hands over, lock like others. */
#include "../tasks.h"

static pthread_mutex_t mutex;
static long count;

static void *run(void *argument)
{
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&mutex);
        count++;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *tries(void *argument)
{
    printf("trylock: %s\n", strerror(pthread_mutex_trylock(&mutex)));
    struct timespec past = {1, 0};
    printf("timedlock: %s\n", strerror(pthread_mutex_timedlock(&mutex, &past)));
    return NULL;
}

int main(void)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    printf("PRIO_INHERIT: %s\n", strerror(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT)));
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    printf("init: %s\n", strerror(pthread_mutex_init(&mutex, &attributes)));
    pthread_t threads[4];
    pthread_mutex_lock(&mutex);
    printf("again: %s\n", strerror(pthread_mutex_lock(&mutex)));
    pthread_create(&threads[0], NULL, tries, NULL);
    pthread_join(threads[0], NULL);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, run, NULL);
    sleep_ms(2);
    say("while it is held", count);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    say("counted", count);
    return 0;
}
