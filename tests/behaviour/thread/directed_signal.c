/* pthread_kill(3): a signal for one thread is handled by that thread. */
#include "../tasks.h"

static volatile __thread int me;
static volatile int handled_by;
static struct gate ready, done;
static volatile int stop;

static void note(int sig)
{
    handled_by = me;
    open_gate(done);
}

static void *run(void *argument)
{
    me = (long)argument;
    open_gate(ready);
    while (!stop)
        sleep_ms(1);
    return NULL;
}

int main(void)
{
    pthread_t threads[3];
    ready = new_gate();
    done = new_gate();
    handle(SIGUSR1, note, 0);
    me = 100;
    for (long i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, run, (void *)(i + 1));
        pass(ready);
    }
    for (int i = 2; i >= 0; i--) {
        printf("kill: %d\n", pthread_kill(threads[i], SIGUSR1));
        pass(done);
        say("handled by", handled_by);
    }
    pthread_kill(pthread_self(), SIGUSR1);
    pass(done);
    say("handled by", handled_by);
    raise(SIGUSR1);
    pass(done);
    say("raised by oneself", handled_by);
    printf("0: %d\n", pthread_kill(threads[0], 0));
    printf("not a signal: %s\n", strerror(pthread_kill(threads[0], 200)));
    stop = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
