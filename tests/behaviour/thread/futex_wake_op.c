/* futex(2): FUTEX_WAKE_OP changes the second word, wakes those of the first, and of the second if it was as told. */
#include "../tasks.h"
#include <linux/futex.h>

static int first, second;

static void *waits(void *word)
{
    while (syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0) == -1 && errno == EINTR)
        ;
    return NULL;
}

static long op(int operation, int argument, int compare, int with)
{
    return syscall(SYS_futex, &first, FUTEX_WAKE_OP_PRIVATE, 10, 10L, &second, FUTEX_OP(operation, argument, compare, with));
}

int main(void)
{
    say("set 12 if it was 0", op(FUTEX_OP_SET, 12, FUTEX_OP_CMP_EQ, 0));
    say("now", second);
    op(FUTEX_OP_ADD, -2, FUTEX_OP_CMP_GT, 3);
    say("added -2", second);
    op(FUTEX_OP_OR, 5, FUTEX_OP_CMP_LT, 3);
    say("or 5", second);
    op(FUTEX_OP_ANDN, 6, FUTEX_OP_CMP_NE, 3);
    say("and not 6", second);
    op(FUTEX_OP_XOR, 3, FUTEX_OP_CMP_LE, 3);
    say("xor 3", second);
    op(FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 8, FUTEX_OP_CMP_GE, 3);
    say("or 1 << 8", second);
    second = 0;
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, waits, &first);
    pthread_create(&threads[1], NULL, waits, &second);
    long woken = 0;
    while (woken < 1) {
        woken = op(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 1);
        sleep_ms(1);
    }
    say("woken, the second is not 1", woken);
    pthread_join(threads[0], NULL);
    for (woken = 0; woken < 1; sleep_ms(1))
        woken = op(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0);
    say("woken, it is 0", woken);
    pthread_join(threads[1], NULL);
    return 0;
}
