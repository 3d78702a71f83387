/* pthread_mutex_lock(3): eight threads count together, and lose nothing. */
#include "../tasks.h"
#include <sched.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long count, inside, crowded;

static void *run(void *argument)
{
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&mutex);
        crowded += inside++;
        long before = count;
        if (i % 200 == 0)
            sched_yield();
        count = before + 1;
        inside--;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, run, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    say("counted", count);
    say("two at once", crowded);
    return 0;
}
