/* pthread_cancel(3): a thread that waits in a call ends there, after its clean-ups. */
#include "../tasks.h"

static struct gate ready, never;

static void clean(void *text)
{
    printf("clean up %s\n", (char *)text);
}

static void *waits(void *argument)
{
    pthread_cleanup_push(clean, "outer");
    pthread_cleanup_push(clean, "inner");
    open_gate(ready);
    pass(never);
    puts("not reached");
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *sleeps(void *argument)
{
    open_gate(ready);
    for (;;)
        sleep(100);
    return NULL;
}

static void *computes(void *argument)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    open_gate(ready);
    for (volatile long i = 0;; i++)
        ;
    return NULL;
}

static void *refuses(void *argument)
{
    int old;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    open_gate(ready);
    pass(never);
    puts("refused so far");
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    pthread_testcancel();
    puts("not reached");
    return NULL;
}

static void run(const char *what, void *(*function)(void *), int release)
{
    pthread_t thread;
    void *result = NULL;
    pthread_create(&thread, NULL, function, NULL);
    pass(ready);
    int error = pthread_cancel(thread);
    if (release)
        open_gate(never);
    pthread_join(thread, &result);
    printf("%s: %s\n", what, strerror(error));
    check("cancelled", result == PTHREAD_CANCELED);
}

int main(void)
{
    ready = new_gate();
    never = new_gate();
    run("in read", waits, 0);
    run("in sleep", sleeps, 0);
    run("asynchronous", computes, 0);
    run("disabled", refuses, 1);
    return 0;
}
