/* pthreads(7): atomic additions and exchanges of many threads lose nothing. */
#include "../tasks.h"
#include <sched.h>

static int counter, top, lock, guarded, bits;

static void *run(void *argument)
{
    int me = (long)argument;
    for (int i = 0; i < 3000; i++) {
        __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
        int seen = __atomic_load_n(&top, __ATOMIC_SEQ_CST), mine = i * 4 + me;
        while (mine > seen && !__atomic_compare_exchange_n(&top, &seen, mine, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            ;
        if (i % 10 == 0) {
            while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
                sched_yield();
            guarded++;
            __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
        }
        __atomic_fetch_xor(&bits, 1 << me, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    for (long i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, run, (void *)i);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    say("counter", counter);
    say("highest", top);
    say("guarded by a lock", guarded);
    say("bits", bits);
    return 0;
}
