/* getrlimit(2), RLIMIT_NPROC: the user's tasks count, threads and the dead that nobody waited for among them. */
#include "../tasks.h"
#include <sys/resource.h>

static void *waits(void *gate)
{
    char byte;
    read(*(int *)gate, &byte, 1);
    return 0;
}

int main(void)
{
    int gate[2], made = 0;
    pid_t children[20];
    pthread_t thread;
    /* The superuser is not limited, and another user may have tasks already. */
    if (getuid() == 0)
        setresuid(54321, 54321, 54321);
    struct rlimit limit = {5, 5};
    say("setrlimit", setrlimit(RLIMIT_NPROC, &limit));
    pipe(gate);
    for (; made < 20; made++) {
        children[made] = fork();
        if (children[made] == 0) {
            close(gate[1]);
            waits(gate);
            _exit(0);
        }
        if (children[made] < 0)
            break;
    }
    say("children", made);
    say("one more", fork());
    check("no thread, either", pthread_create(&thread, 0, waits, gate) == EAGAIN);
    kill(children[0], SIGKILL);
    siginfo_t info;
    waitid(P_PID, children[0], &info, WEXITED | WNOWAIT);
    say("a dead one counts", fork());
    waitpid(children[0], 0, 0);
    check("a thread instead", pthread_create(&thread, 0, waits, gate) == 0);
    say("it counts", fork());
    close(gate[1]);
    pthread_join(thread, 0);
    for (int i = 1; i < made; i++)
        waitpid(children[i], 0, 0);
    return 0;
}
