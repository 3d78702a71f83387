/* ptrace(2), "Signal injection and suppression": a tracer hears of a signal first, and says which one the task gets. */
#include "../traced.h"

static void handler(int sig, siginfo_t *info, void *context)
{
    printf("the child handles %s, of code %d\n", signame(sig), info->si_code);
}

static void child(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    signal(SIGHUP, SIG_IGN);
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGHUP);
    raise(SIGCHLD);
    raise(SIGTERM);
    printf("the child is still there\n");
    raise(SIGTERM);
}

int main(void)
{
    pid_t pid = traced(child);
    await("at first", pid);
    siginfo_t si;
    say("its signal", ptrace(PTRACE_GETSIGINFO, pid, 0, &si));
    printf("%s from itself: %d\n", signame(si.si_signo), si.si_pid == pid);
    int next[] = {0, SIGUSR1, 0, SIGUSR2, SIGHUP, 0, 0, SIGKILL};
    for (unsigned i = 0; i < sizeof next / sizeof *next; i++) {
        ptrace(PTRACE_CONT, pid, 0, (void *)(long)next[i]);
        if (!WIFSTOPPED(await("then", pid)))
            break;
        ptrace(PTRACE_GETSIGINFO, pid, 0, &si);
        printf("  %s, code %d\n", signame(si.si_signo), si.si_code);
    }
}
