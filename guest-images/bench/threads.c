/* argv[1] threads (default 1,000) are created, and then joined. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST 10000

static void *run(void *number)
{
    return (void *)((long)number * 2);
}

int main(int argc, char **argv)
{
    static pthread_t threads[MOST];
    long count = argc > 1 ? atol(argv[1]) : 1000, sum = 0;
    pthread_attr_t small;
    if (count > MOST)
        return puts("too many"), 1;
    /* A thousand stacks of the usual size don't fit into 32 bits. */
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 128 << 10);
    for (long i = 0; i < count; i++)
        if (pthread_create(&threads[i], &small, run, (void *)i))
            return puts("no thread"), 1;
    for (long i = 0; i < count; i++) {
        void *result;
        if (pthread_join(threads[i], &result))
            return puts("no join"), 1;
        sum += (long)result;
    }
    printf("%ld threads, sum %ld\n", count, sum);
    return sum != count * (count - 1);
}
