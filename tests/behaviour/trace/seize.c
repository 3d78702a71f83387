/* ptrace(2), PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_LISTEN: a task is traced without a signal, and stops when asked to; group stops are told. */
#include "../traced.h"

int main(void)
{
    int gate;
    pid_t pid = reader(&gate);
    say("with an address", ptrace(PTRACE_SEIZE, pid, 1, 0));
    say("seized", ptrace(PTRACE_SEIZE, pid, 0, (void *)(long)PTRACE_O_TRACESYSGOOD));
    say("running", ptrace(PTRACE_CONT, pid, 0, 0));
    say("interrupted", ptrace(PTRACE_INTERRUPT, pid, 0, 0));
    await("it", pid);
    say("on", ptrace(PTRACE_CONT, pid, 0, 0));
    kill(pid, SIGSTOP);
    await("signal", pid);
    say("it gets it", ptrace(PTRACE_CONT, pid, 0, (void *)(long)SIGSTOP));
    await("group", pid);
    say("listens", ptrace(PTRACE_LISTEN, pid, 0, 0));
    say("asked meanwhile", ptrace(PTRACE_CONT, pid, 0, 0));
    kill(pid, SIGCONT);
    await("over", pid);
    say("on", ptrace(PTRACE_CONT, pid, 0, 0));
    await("signal", pid);
    say("on", ptrace(PTRACE_CONT, pid, 0, (void *)(long)SIGCONT));
    (void)!write(gate, "x", 1);
    await("it", pid);
}
