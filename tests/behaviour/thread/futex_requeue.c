/* futex(2): FUTEX_CMP_REQUEUE wakes some and lets others wait for another word. */
#include "../tasks.h"
#include <linux/futex.h>

static int first = 5, second, awake;

static void *waits(void *argument)
{
    while (syscall(SYS_futex, &first, FUTEX_WAIT_PRIVATE, 5, NULL, NULL, 0) == -1 && errno == EINTR)
        ;
    __atomic_fetch_add(&awake, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(void)
{
    enum { count = 5 };
    pthread_t threads[count];
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, waits, NULL);
    say("another value", syscall(SYS_futex, &first, FUTEX_CMP_REQUEUE_PRIVATE, 1, 10L, &second, 6));
    long moved = 0;
    while (moved < count) {
        long more = syscall(SYS_futex, &first, FUTEX_CMP_REQUEUE_PRIVATE, 0, 10L, &second, 5);
        if (more < 0)
            say("requeue", more);
        moved += more;
        sleep_ms(1);
    }
    say("moved", moved);
    say("awake", awake);
    say("on the first", syscall(SYS_futex, &first, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    say("wake one, move two back", syscall(SYS_futex, &second, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2L, &first, 0));
    say("on the first", syscall(SYS_futex, &first, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    say("on the second", syscall(SYS_futex, &second, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    say("awake", awake);
    return 0;
}
