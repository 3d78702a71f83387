/* futex(2): FUTEX_WAKE_BITSET wakes those who wait with a bit in common. */
#include "../tasks.h"
#include <linux/futex.h>

static int word, awake[3];

static void *waits(void *argument)
{
    int me = (long)argument;
    while (syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 1 << me) == -1 && errno == EINTR)
        ;
    __atomic_store_n(&awake[me], 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void wake(const char *what, int bits, int expected)
{
    int woken = 0;
    for (;;) {
        woken += syscall(SYS_futex, &word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, bits);
        if (woken >= expected)
            break;
        sleep_ms(1);
    }
    say(what, woken);
}

int main(void)
{
    pthread_t threads[3];
    for (long i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, waits, (void *)i);
    wake("bit 1", 2, 1);
    pthread_join(threads[1], NULL);
    printf("%d %d %d\n", awake[0], awake[1], awake[2]);
    wake("bits 1 and 3", 10, 0);
    wake("bits 2 and 0", 5, 2);
    pthread_join(threads[0], NULL);
    pthread_join(threads[2], NULL);
    printf("%d %d %d\n", awake[0], awake[1], awake[2]);
    say("no bits", syscall(SYS_futex, &word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 0));
    return 0;
}
