/* signal(7): a signal for the process goes to a thread that does not block it. */
#include "../tasks.h"

static volatile __thread int me;
static volatile int handled_by;
static struct gate ready, done, go;

static void note(int sig)
{
    handled_by = me;
    open_gate(done);
}

static void *run(void *argument)
{
    me = (long)argument;
    if (me == 2)
        mask(SIG_UNBLOCK, SIGUSR1);
    open_gate(ready);
    pass(go);
    return NULL;
}

int main(void)
{
    pthread_t threads[3];
    ready = new_gate();
    done = new_gate();
    go = new_gate();
    handle(SIGUSR1, note, SA_RESTART);
    mask(SIG_BLOCK, SIGUSR1);
    for (long i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, run, (void *)(i + 1));
        pass(ready);
    }
    for (int i = 0; i < 3; i++) {
        kill(getpid(), SIGUSR1);
        pass(done);
        say("handled by", handled_by);
    }
    for (int i = 0; i < 3; i++)
        open_gate(go);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    kill(getpid(), SIGUSR1);
    sigset_t set;
    sigpending(&set);
    say("with nobody to take it", sigismember(&set, SIGUSR1));
    me = 100;
    mask(SIG_UNBLOCK, SIGUSR1);
    pass(done);
    say("handled by", handled_by);
    return 0;
}
