/* pthread_once(3): of all who come, one runs it, and the others wait until it is done. */
#include "../tasks.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int runs, value, early;

static void init(void)
{
    runs++;
    sleep_ms(3);
    value = 42;
}

static void *run(void *argument)
{
    pthread_once(&once, init);
    if (value != 42)
        __atomic_fetch_add(&early, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(void)
{
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, run, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    say("runs", runs);
    say("too early", early);
    return 0;
}
