/* ptrace(2), "Syscall-stops": a call that a signal interrupts ends for the tracer, and begins again when nobody handles the signal. */
#include "../traced.h"

static void handler(int sig)
{
    printf("handled %s\n", signame(sig));
}

static void child(void)
{
    signal(SIGUSR2, handler);
    syscall(SYS_rt_sigsuspend, (uint64_t[2]){0, 0}, _NSIG > 65 ? 16 : 8);
    printf("it failed with %s\n", strerror(errno));
    fflush(stdout);
}

int main(void)
{
    pid_t pid = traced(child);
    await("at first", pid);
    ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)(long)PTRACE_O_TRACESYSGOOD);
    struct call_info info;
    for (;;) {
        ptrace(PTRACE_SYSCALL, pid, 0, 0);
        int status;
        if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
            return 1;
        call_info(pid, &info);
        if (info.op == 1 && info.entry.nr == SYS_rt_sigsuspend)
            break;
    }
    ptrace(PTRACE_SYSCALL, pid, 0, 0);
    int sent[] = {SIGUSR1, SIGUSR2};
    for (int round = 0; round < 2; round++) {
        kill(pid, sent[round]);
        await("interrupted", pid);
        call_info(pid, &info);
        printf("op %d, value %d, error %d\n", info.op, (int)info.exit.rval, info.exit.is_error);
        ptrace(PTRACE_SYSCALL, pid, 0, 0);
        await("the signal", pid);
        ptrace(PTRACE_SYSCALL, pid, 0, (void *)(long)(round ? sent[round] : 0));
        if (round == 0) {
            await("again", pid);
            call_info(pid, &info);
            printf("op %d, the same %d\n", info.op, info.entry.nr == SYS_rt_sigsuspend);
            ptrace(PTRACE_SYSCALL, pid, 0, 0);
        }
    }
    ptrace(PTRACE_CONT, pid, 0, 0);
    for (;;) {
        int status;
        if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) {
            ended("it", status);
            break;
        }
        ptrace(PTRACE_CONT, pid, 0, 0);
    }
}
