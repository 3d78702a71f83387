/* pthread_detach(3): a thread that nobody joins. */
#include "../tasks.h"

static struct gate done, go;

static void *run(void *argument)
{
    pass(go);
    puts((char *)argument);
    open_gate(done);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    pthread_attr_t attributes;
    int state;
    done = new_gate();
    go = new_gate();
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    printf("create: %d\n", pthread_create(&thread, &attributes, run, "detached from the first"));
    printf("join: %s\n", strerror(pthread_join(thread, NULL)));
    open_gate(go);
    pass(done);
    pthread_create(&thread, NULL, run, "detached later");
    printf("detach: %s\n", strerror(pthread_detach(thread)));
    printf("join: %s\n", strerror(pthread_join(thread, NULL)));
    open_gate(go);
    pass(done);
    for (int i = 0; i < 50; i++) {
        open_gate(go);
        pthread_create(&thread, &attributes, run, i ? "." : "fifty more");
        pass(done);
    }
    pthread_attr_getdetachstate(&attributes, &state);
    check("state", state == PTHREAD_CREATE_DETACHED);
    return 0;
}
