/* pthread_tryjoin_np(3), pthread_timedjoin_np(3): who does not want to wait for a thread's end. */
#include "../tasks.h"

static struct gate go;

static void *run(void *argument)
{
    pass(go);
    return (void *)8;
}

int main(void)
{
    pthread_t thread;
    void *result = NULL;
    go = new_gate();
    pthread_create(&thread, NULL, run, NULL);
    printf("tryjoin: %s\n", strerror(pthread_tryjoin_np(thread, &result)));
    struct timespec past = {1, 0};
    printf("timedjoin: %s\n", strerror(pthread_timedjoin_np(thread, &result, &past)));
    open_gate(go);
    int error;
    while ((error = pthread_tryjoin_np(thread, &result)) == EBUSY)
        sleep_ms(1);
    printf("tryjoin: %s\n", strerror(error));
    say("result", (long)result);
    return 0;
}
