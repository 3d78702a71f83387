/* pthread_cond_broadcast(3), pthread_cond_timedwait(3): all are woken; who waits for nothing has his time. */
#include "../tasks.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER, all_wait = PTHREAD_COND_INITIALIZER;
static int waiting, open_now, woken;

static void *run(void *argument)
{
    pthread_mutex_lock(&mutex);
    if (++waiting == 10)
        pthread_cond_signal(&all_wait);
    while (!open_now)
        pthread_cond_wait(&changed, &mutex);
    woken++;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

int main(void)
{
    pthread_t threads[10];
    for (int i = 0; i < 10; i++)
        pthread_create(&threads[i], NULL, run, NULL);
    pthread_mutex_lock(&mutex);
    while (waiting < 10)
        pthread_cond_wait(&all_wait, &mutex);
    say("woken before", woken);
    open_now = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < 10; i++)
        pthread_join(threads[i], NULL);
    say("woken", woken);
    pthread_condattr_t attributes;
    pthread_cond_t timed;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&timed, &attributes);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 3000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&mutex);
    printf("timedwait: %s\n", strerror(pthread_cond_timedwait(&timed, &mutex, &until)));
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    check("not too early", now.tv_sec > until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec));
    printf("the mutex is held: %s\n", strerror(pthread_mutex_trylock(&mutex)));
    pthread_mutex_unlock(&mutex);
    return 0;
}
