/* ptrace(2), PTRACE_O_TRACECLONE: threads are traced one by one, and their ends are told to the tracer only. */
#include "../traced.h"

static void *thread(void *gate)
{
    char byte;
    return (void *)(long)read(((int *)gate)[0], &byte, 1);
}

static void child(void)
{
    int gate[2];
    pthread_t id;
    if (pipe(gate) || pthread_create(&id, NULL, thread, gate))
        _exit(1);
    if (write(gate[1], "x", 1) != 1)
        _exit(2);
    pthread_join(id, NULL);
    _exit(8);
}

int main(void)
{
    pid_t pid = traced(child);
    await("the first", pid);
    ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)(long)PTRACE_O_TRACECLONE);
    ptrace(PTRACE_CONT, pid, 0, 0);
    await("the first", pid);
    unsigned long message;
    ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
    pid_t other = message;
    await("the other", other);
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/task/%d", pid, other);
    say("a thread of it", access(name, F_OK));
    ptrace(PTRACE_CONT, other, 0, 0);
    ptrace(PTRACE_CONT, pid, 0, 0);
    int status;
    check("its end", waitpid(other, &status, __WALL) == other && WIFEXITED(status));
    await("the first", pid);
}
