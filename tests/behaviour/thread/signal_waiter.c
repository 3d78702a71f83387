/* sigwait(3): one thread takes all signals of the process. */
#include "../tasks.h"

static sigset_t set;
static struct gate done;

static void *waits(void *argument)
{
    int sig;
    for (int i = 0; i < 3; i++) {
        sigwait(&set, &sig);
        puts(signame(sig));
        open_gate(done);
    }
    return NULL;
}

int main(void)
{
    pthread_t thread;
    done = new_gate();
    struct gate go = new_gate();
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&thread, NULL, waits, NULL);
    kill(getpid(), SIGTERM);
    pass(done);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        kill(parent, SIGHUP);
        pass(go);
        return 0;
    }
    pass(done);
    open_gate(go);
    pthread_join(thread, NULL);
    reap("child", pid);
    return 0;
}
