/* pthread_create(3): a hundred threads at once. */
#include "../tasks.h"

enum { count = 100 };
static struct gate ready, go;
static long sum;

static void *run(void *argument)
{
    char space[10000];
    memset(space, (long)argument, sizeof space);
    open_gate(ready);
    pass(go);
    __atomic_fetch_add(&sum, space[9999] + space[0], __ATOMIC_SEQ_CST);
    return argument;
}

int main(void)
{
    static pthread_t threads[count];
    ready = new_gate();
    go = new_gate();
    for (long i = 0; i < count; i++) {
        int error = pthread_create(&threads[i], NULL, run, (void *)i);
        if (error)
            printf("create %ld: %s\n", i, strerror(error));
    }
    for (int i = 0; i < count; i++)
        pass(ready);
    say("before", sum);
    for (int i = 0; i < count; i++)
        open_gate(go);
    long results = 0;
    for (int i = 0; i < count; i++) {
        void *result;
        pthread_join(threads[i], &result);
        results += (long)result;
    }
    say("sum", sum);
    say("results", results);
    return 0;
}
