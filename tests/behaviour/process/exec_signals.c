/* execve(2), signal(7): handlers are reset, what is ignored stays so; the mask and what is pending are kept. */
#include "../tasks.h"

static void nothing(int sig)
{
    (void)sig;
}

static void tell(int sig)
{
    struct sigaction action;
    sigaction(sig, NULL, &action);
    printf("%s: %s\n", signame(sig),
        action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" : "handled");
}

int main(int argc, char **argv)
{
    sigset_t set;
    if (argc > 1) {
        tell(SIGUSR1);
        tell(SIGUSR2);
        tell(SIGCHLD);
        tell(SIGTERM);
        sigprocmask(SIG_SETMASK, NULL, &set);
        printf("blocked: HUP %d TERM %d INT %d\n", sigismember(&set, SIGHUP), sigismember(&set, SIGTERM), sigismember(&set, SIGINT));
        sigpending(&set);
        printf("pending: HUP %d TERM %d\n", sigismember(&set, SIGHUP), sigismember(&set, SIGTERM));
        stack_t stack;
        sigaltstack(NULL, &stack);
        check("no alternate stack", stack.ss_flags == SS_DISABLE);
        mask(SIG_UNBLOCK, SIGHUP);
        puts("not reached");
        return 1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        static char space[65536];
        stack_t stack = {.ss_sp = space, .ss_size = sizeof space};
        sigaltstack(&stack, NULL);
        handle(SIGUSR1, nothing, 0);
        handle(SIGUSR2, SIG_IGN, 0);
        handle(SIGCHLD, nothing, SA_NOCLDWAIT);
        mask(SIG_BLOCK, SIGHUP);
        mask(SIG_BLOCK, SIGTERM);
        raise(SIGHUP);
        execl("/proc/self/exe", "second", "run", NULL);
        _exit(127);
    }
    reap("child", pid);
    return 0;
}
