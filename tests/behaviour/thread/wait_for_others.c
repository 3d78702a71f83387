/* wait(2): any thread may wait for a child that another made, but not with __WNOTHREAD. */
#include "../tasks.h"

static pid_t pid;

static void *forks(void *argument)
{
    pid = fork();
    if (pid == 0)
        _exit(19);
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    check("its parent lives", pid > 0);
    struct gate *gates = argument;
    open_gate(gates[0]);
    pass(gates[1]);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    struct gate gates[2] = {new_gate(), new_gate()};
    pthread_create(&thread, NULL, forks, gates);
    pass(gates[0]);
    say("with __WNOTHREAD", waitpid(-1, NULL, __WNOTHREAD));
    reap("without", pid);
    open_gate(gates[1]);
    pthread_join(thread, NULL);
    say("none left", waitpid(-1, NULL, 0));
    return 0;
}
