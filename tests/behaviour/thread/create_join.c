/* pthread_create(3), pthread_join(3): arguments go in, results come out; a thread is joined once. */
#include "../tasks.h"

static void *twice(void *argument)
{
    return (void *)(2 * (long)argument);
}

static void *exits(void *argument)
{
    pthread_exit((void *)77);
}

int main(void)
{
    pthread_t threads[8], own = pthread_self();
    void *result;
    for (long i = 0; i < 8; i++)
        printf("create: %d\n", pthread_create(&threads[i], NULL, twice, (void *)i));
    for (int i = 7; i >= 0; i--) {
        pthread_join(threads[i], &result);
        say("result", (long)result);
    }
    pthread_t thread;
    pthread_create(&thread, NULL, exits, NULL);
    check("another than oneself", !pthread_equal(thread, own));
    pthread_join(thread, &result);
    say("pthread_exit", (long)result);
    printf("oneself: %s\n", strerror(pthread_join(own, NULL)));
    return 0;
}
