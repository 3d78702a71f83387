/* setrlimit(2), RLIMIT_CPU: SIGXCPU at the soft limit and each second from there, the end at the hard one; inherited. */
#include "../tasks.h"
#include <sys/resource.h>

static volatile sig_atomic_t came;

static void on(int sig)
{
    came += sig == SIGXCPU;
}

static void limit(int soft, int hard)
{
    struct rlimit limit = {soft, hard};
    say("setrlimit", setrlimit(RLIMIT_CPU, &limit));
}

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        limit(1, 3);
        if (fork() == 0) {
            handle(SIGXCPU, on, 0);
            while (came < 2)
                ;
            struct rlimit left;
            getrlimit(RLIMIT_CPU, &left);
            say("the soft limit has moved to", left.rlim_cur);
            for (;;)
                ;
        }
        int status;
        wait(&status);
        ended("hard", status);
        return 0;
    }
    reap("child", pid);
    pid = fork();
    if (pid == 0) {
        /* It may be over before the call has returned. */
        struct rlimit limit = {0, 5};
        setrlimit(RLIMIT_CPU, &limit);
        for (;;)
            ;
    }
    reap("soft", pid);
    return 0;
}
