/* ptrace(2), PTRACE_TRACEME, PTRACE_PEEKDATA, PTRACE_POKEDATA, PTRACE_CONT: a child asks for its parent, which sees it stop, reads and changes its memory, and lets it go on. */
#include "../traced.h"

static long word = 0x12345678;
static const long constant = 42;

static void child(void)
{
    const volatile long *fixed = &constant;
    say("a second time", ptrace(PTRACE_TRACEME, 0, 0, 0));
    printf("the child sees %lx and %ld\n", word, *fixed);
    _exit(7);
}

int main(void)
{
    say("nobody", ptrace(PTRACE_CONT, 999999, 0, 0));
    say("oneself", ptrace(PTRACE_ATTACH, getpid(), 0, 0));
    pid_t pid = traced(child);
    await("at first", pid);
    errno = 0;
    printf("there is %lx\n", ptrace(PTRACE_PEEKDATA, pid, &word, 0));
    say("new", ptrace(PTRACE_POKEDATA, pid, &word, (void *)0x7abcdef0));
    say("constant", ptrace(PTRACE_POKETEXT, pid, &constant, (void *)43));
    say("nowhere", ptrace(PTRACE_POKEDATA, pid, (void *)8, 0));
    errno = 0;
    ptrace(PTRACE_PEEKDATA, pid, (void *)8, 0);
    printf("nothing there: %s\n", strerror(errno));
    printf("here it is %lx and %ld\n", word, constant);
    say("a signal that is none", ptrace(PTRACE_CONT, pid, 0, (void *)1000L));
    say("a request that is none", ptrace(0x7777, pid, 0, 0));
    ptrace(PTRACE_CONT, pid, 0, 0);
    await("then", pid);
    say("gone", ptrace(PTRACE_CONT, pid, 0, 0));
}
