/* pthread_barrier_wait(3): nobody goes on before all have come; one of them is told so. */
#include "../tasks.h"

static pthread_barrier_t barrier;
static int arrived[5], early, serial;

static void *run(void *argument)
{
    for (int round = 0; round < 5; round++) {
        __atomic_fetch_add(&arrived[round], 1, __ATOMIC_SEQ_CST);
        int result = pthread_barrier_wait(&barrier);
        if (__atomic_load_n(&arrived[round], __ATOMIC_SEQ_CST) != 6)
            __atomic_fetch_add(&early, 1, __ATOMIC_SEQ_CST);
        if (result == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_fetch_add(&serial, 1, __ATOMIC_SEQ_CST);
        else if (result)
            printf("wait: %s\n", strerror(result));
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[6];
    pthread_barrier_init(&barrier, NULL, 6);
    for (int i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, run, NULL);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    say("too early", early);
    say("told", serial);
    return 0;
}
