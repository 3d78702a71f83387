/* futex(2): FUTEX_WAIT waits while the word is as told, FUTEX_WAKE wakes so many. */
#include "../tasks.h"
#include <linux/futex.h>

static int word, awake;
static struct gate ready;

static long futex(int *at, int op, int value, const struct timespec *limit, int *second, int third)
{
    return syscall(SYS_futex, at, op, value, limit, second, third);
}

static void *waits(void *argument)
{
    open_gate(ready);
    while (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 0)
        futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0);
    __atomic_fetch_add(&awake, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    ready = new_gate();
    say("another value", futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
    say("nobody to wake", futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
    say("not aligned", futex((int *)((char *)&word + 1), FUTEX_WAIT, 0, NULL, NULL, 0));
    say("nowhere", futex((int *)8, FUTEX_WAIT, 0, NULL, NULL, 0));
    say("an operation that isn't one", futex(&word, 99, 0, NULL, NULL, 0));
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, waits, NULL);
    for (int i = 0; i < 4; i++)
        pass(ready);
    /* Those who wait go back to sleep, so all four are counted when all are asleep. */
    int woken = 0;
    while (woken < 4) {
        woken = futex(&word, FUTEX_WAKE, 100, NULL, NULL, 0);
        if (woken < 4)
            sleep_ms(1);
    }
    say("woken at once", woken);
    say("not for long", awake);
    __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
    futex(&word, FUTEX_WAKE, 100, NULL, NULL, 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    say("awake", awake);
    return 0;
}
