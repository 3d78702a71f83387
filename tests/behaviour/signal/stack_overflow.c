/* sigaltstack(2): a handler on a stack of its own runs when the other is used up. */
#include "../tasks.h"
#include <setjmp.h>
#include <sys/resource.h>

static sigjmp_buf back;
static char *volatile low;
static char space[65536];
static volatile int on_it;

static void note(int sig, siginfo_t *info, void *context)
{
    stack_t stack;
    char local;
    sigaltstack(NULL, &stack);
    on_it = stack.ss_flags == SS_ONSTACK && &local >= space && &local < space + sizeof space;
    siglongjmp(back, sig);
}

static int __attribute__((noinline)) deeper(int depth)
{
    volatile char frame[4096];
    frame[depth % 4096] = 1;
    low = (char *)frame;
    if (!low)
        return 0;
    return deeper(depth + 1) + frame[depth % 4096];
}

int main(void)
{
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space};
    say("sigaltstack", sigaltstack(&stack, NULL));
    handle_info(SIGSEGV, note, SA_ONSTACK);
    struct rlimit limit;
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = 1 << 20;
    setrlimit(RLIMIT_STACK, &limit);
    char here;
    for (int i = 0; i < 2; i++) {
        on_it = 0;
        int sig = sigsetjmp(back, 1);
        if (sig == 0)
            deeper(0);
        printf("%s\n", signame(sig));
        check("on the other stack", on_it);
        check("after some half of a megabyte", &here - low > 500000);
    }
    sigaltstack(NULL, &stack);
    say("left by siglongjmp", stack.ss_flags);
    pid_t pid = fork();
    if (pid == 0) {
        handle_info(SIGSEGV, note, 0);
        deeper(0);
    }
    reap("without it", pid);
    return 0;
}
