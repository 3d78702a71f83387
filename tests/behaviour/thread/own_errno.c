/* errno(3): every thread has its own. */
#include "../tasks.h"

static struct gate ready, go;

static void *run(void *argument)
{
    say("begins with", errno);
    close(-1);
    open_gate(ready);
    pass(go);
    printf("thread: %s\n", strerror(errno));
    return NULL;
}

int main(void)
{
    pthread_t thread;
    ready = new_gate();
    go = new_gate();
    errno = ERANGE;
    pthread_create(&thread, NULL, run, NULL);
    pass(ready);
    printf("main: %s\n", strerror(errno));
    open("absent", O_RDONLY);
    printf("main: %s\n", strerror(errno));
    open_gate(go);
    pthread_join(thread, NULL);
    return 0;
}
