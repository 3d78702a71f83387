/* execve(2): when a thread runs another program, all others end, and the pid is the process's as before. */
#include "../tasks.h"

static struct gate ready, never;
static char pid_text[16];

static void *waits(void *argument)
{
    open_gate(ready);
    pass(never);
    return NULL;
}

static void *runs(void *argument)
{
    pass(ready);
    pass(ready);
    execl("/proc/self/exe", "second", pid_text, NULL);
    say("execve", -1);
    _exit(127);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        check("the same pid", getpid() == atoi(argv[1]));
        check("the first thread", syscall(SYS_gettid) == getpid());
        return 23;
    }
    ready = new_gate();
    never = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        snprintf(pid_text, sizeof pid_text, "%d", getpid());
        pthread_create(&thread, NULL, waits, NULL);
        pthread_create(&thread, NULL, waits, NULL);
        pthread_create(&thread, NULL, runs, NULL);
        pass(never);
    }
    reap("child", pid);
    return 0;
}
