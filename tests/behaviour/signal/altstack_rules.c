/* sigaltstack(2): which handlers run on it, and what can't be changed meanwhile. */
#include "../tasks.h"

static char space[65536];

static void note(int sig)
{
    char local;
    stack_t now, other = {.ss_sp = space, .ss_size = sizeof space};
    sigaltstack(NULL, &now);
    printf("%s: %s, ss_flags %d\n", signame(sig), &local >= space && &local < space + sizeof space ? "on it" : "not on it",
        now.ss_flags);
    say("changed", sigaltstack(&other, NULL));
    if (sig == SIGUSR2)
        raise(SIGUSR1);
}

int main(void)
{
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space}, old;
    handle(SIGUSR1, note, SA_ONSTACK);
    handle(SIGUSR2, note, SA_ONSTACK);
    handle(SIGTERM, note, 0);
    raise(SIGUSR1);
    sigaltstack(&stack, NULL);
    raise(SIGUSR1);
    raise(SIGTERM);
    raise(SIGUSR2);
    sigaltstack(NULL, &old);
    check("it is", old.ss_sp == space && old.ss_size == sizeof space && old.ss_flags == 0);
    pid_t pid = fork();
    if (pid == 0) {
        raise(SIGUSR1);
        return 0;
    }
    reap("inherited", pid);
    stack.ss_size = 100;
    say("too small", sigaltstack(&stack, NULL));
    stack.ss_flags = 77;
    say("flags that aren't", sigaltstack(&stack, NULL));
    stack.ss_flags = SS_DISABLE;
    say("SS_DISABLE", sigaltstack(&stack, NULL));
    raise(SIGUSR1);
    return 0;
}
