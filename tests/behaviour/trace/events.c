/* ptrace(2), PTRACE_O_TRACEFORK, PTRACE_O_TRACEVFORK, PTRACE_O_TRACEVFORKDONE, PTRACE_O_TRACEEXIT: new tasks are traced from the start, and the one that makes them stops. */
#include "../traced.h"

static void child(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(3);
    waitpid(pid, NULL, 0);
    pid = vfork();
    if (pid == 0)
        _exit(4);
    waitpid(pid, NULL, 0);
    _exit(5);
}

int main(void)
{
    pid_t pid = traced(child), other = 0;
    unsigned long message;
    await("the parent", pid);
    ptrace(PTRACE_SETOPTIONS, pid, 0,
           (void *)(long)(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT));
    for (int round = 0; round < 2; round++) {
        ptrace(PTRACE_CONT, pid, 0, 0);
        await("the parent", pid);
        ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
        other = message;
        check("a new one", other > 0 && other != pid);
        await("the child", other);
        ptrace(PTRACE_CONT, pid, 0, 0);
        ptrace(PTRACE_CONT, other, 0, 0);
        await("the child", other);
        ptrace(PTRACE_GETEVENTMSG, other, 0, &message);
        printf("it ends with %lx\n", message);
        ptrace(PTRACE_CONT, other, 0, 0);
        await("the child", other);
        if (round == 1) {
            await("the parent", pid);
            ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
            check("the same", (pid_t)message == other);
            ptrace(PTRACE_CONT, pid, 0, 0);
        }
        /* The end of its child, which it does not handle. */
        await("the parent", pid);
    }
    ptrace(PTRACE_CONT, pid, 0, 0);
    await("the parent", pid);
    ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
    printf("it ends with %lx\n", message);
    ptrace(PTRACE_CONT, pid, 0, 0);
    await("the parent", pid);
}
