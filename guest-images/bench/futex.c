/* Two threads wake each other by futexes in turn: argv[1] times (default 100,000). */
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int times = 100000, turn;
static long taken[2];

static void *play(void *who)
{
    int me = (int)(long)who;
    for (int i = 0; i < times; i++) {
        while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != me)
            syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !me, NULL, NULL, 0);
        taken[me]++;
        __atomic_store_n(&turn, !me, __ATOMIC_RELEASE);
        syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t other;
    if (argc > 1)
        times = atoi(argv[1]);
    if (pthread_create(&other, NULL, play, (void *)1L))
        return puts("no thread"), 1;
    play((void *)0L);
    pthread_join(other, NULL);
    printf("%ld and %ld turns\n", taken[0], taken[1]);
    return taken[0] != times || taken[1] != times;
}
