/* signal(7): an instruction that isn't one is SIGILL, a breakpoint is SIGTRAP. */
#include "../tasks.h"
#include <setjmp.h>

static sigjmp_buf back;
static volatile siginfo_t last;

static void note(int sig, siginfo_t *info, void *context)
{
    last = *info;
    siglongjmp(back, 1);
}

static void illegal(void)
{
#if defined __x86_64__ || defined __i386__
    asm volatile("ud2");
#elif defined __arm__
    asm volatile("udf #0");
#elif defined __aarch64__
    asm volatile(".inst 0");
#elif defined __mips__
    asm volatile(".word 0xec000000");
#endif
}

static void breakpoint(void)
{
#if defined __x86_64__ || defined __i386__
    asm volatile("int3");
#elif defined __arm__
    asm volatile("bkpt #0");
#elif defined __aarch64__
    asm volatile("brk #0");
#elif defined __mips__
    asm volatile("break");
#endif
}

static void run(const char *what, void (*function)(void))
{
    last.si_signo = 0;
    if (sigsetjmp(back, 1) == 0)
        function();
    printf("%s: %s\n", what, last.si_signo ? signame(last.si_signo) : "nothing");
    check("not by a process", last.si_code != SI_USER && last.si_code != SI_TKILL);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGILL, SIG_DFL);
        signal(SIGTRAP, SIG_DFL);
        function();
        _exit(0);
    }
    reap("unhandled", pid);
}

int main(void)
{
    handle_info(SIGILL, note, 0);
    handle_info(SIGTRAP, note, 0);
    run("no instruction", illegal);
    run("breakpoint", breakpoint);
    return 0;
}
