/* pthread_key_create(3): values of each thread's own, with destructors at its end. */
#include "../tasks.h"

static pthread_key_t first, second;
static int again;

static void destroy(void *value)
{
    printf("destroy %s\n", (char *)value);
    if (!again++)
        pthread_setspecific(first, "set by a destructor");
}

static void *run(void *argument)
{
    check("null at first", pthread_getspecific(first) == NULL);
    pthread_setspecific(first, "of the thread");
    pthread_setspecific(second, "not destroyed");
    puts(pthread_getspecific(first));
    return NULL;
}

int main(void)
{
    pthread_t thread;
    pthread_key_create(&first, destroy);
    pthread_key_create(&second, NULL);
    pthread_setspecific(first, "of main");
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
    puts(pthread_getspecific(first));
    say("delete", pthread_key_delete(first));
    check("deleted", pthread_setspecific(first, "x") == EINVAL);
    return 0;
}
