/* ptrace(2), PTRACE_GETREGSET, PTRACE_SETREGSET: a tracer changes what a call gives, and has a call not made at all. */
#include "../traced.h"
#include <elf.h>

#if defined __x86_64__
typedef unsigned long long word;
enum { WORDS = 27, RESULT = 10, NUMBER = 15, PC = 16 };
#elif defined __i386__
typedef unsigned word;
enum { WORDS = 17, RESULT = 6, NUMBER = 11, PC = 12 };
#elif defined __aarch64__
typedef unsigned long long word;
enum { WORDS = 34, RESULT = 0, NUMBER = -1, PC = 32 };
#elif defined __arm__
typedef unsigned word;
enum { WORDS = 18, RESULT = 0, NUMBER = -2, PC = 15 };
#elif defined __mips64
typedef unsigned long long word;
enum { WORDS = 45, RESULT = 2, NUMBER = 2, PC = 34 };
#else
typedef unsigned word;
enum { WORDS = 45, RESULT = 6 + 2, NUMBER = 6 + 2, PC = 40 };
#endif

static word set[64];

static void get_set(pid_t pid)
{
    struct iovec vector = {set, sizeof set};
    if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &vector) == -1)
        say("registers", -1);
    if (vector.iov_len != WORDS * sizeof *set)
        printf("%zu bytes of registers\n", vector.iov_len);
}

static void put_set(pid_t pid)
{
    struct iovec vector = {set, WORDS * sizeof *set};
    if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &vector) == -1)
        say("set", -1);
}

/* The task makes no call, or another. */
static void renumber(pid_t pid, int number)
{
#if defined __aarch64__
    struct iovec vector = {&number, sizeof number};
    ptrace(PTRACE_SETREGSET, pid, (void *)0x404, &vector);
#elif defined __arm__
    ptrace(23, pid, 0, (void *)(long)number);
#else
    get_set(pid);
    set[NUMBER] = number;
    put_set(pid);
#endif
}

static void child(void)
{
    printf("it got %ld\n", syscall(SYS_getppid));
    fflush(stdout);
    syscall(SYS_close, 99);
    printf("then %s\n", strerror(errno));
    fflush(stdout);
    _exit(syscall(SYS_getppid) == syscall(SYS_getpid) ? 21 : 22);
}

static int next_call(pid_t pid, struct call_info *info)
{
    int status;
    ptrace(PTRACE_SYSCALL, pid, 0, 0);
    if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        return 0;
    call_info(pid, info);
    return 1;
}

int main(void)
{
    pid_t pid = traced(child);
    await("at first", pid);
    ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)(long)PTRACE_O_TRACESYSGOOD);
    struct call_info info;
    int seen = 0;
    while (next_call(pid, &info)) {
        if (info.op == 2 && seen == 1) {
            get_set(pid);
            check("where it says it is", set[PC] == (word)info.pc);
            set[RESULT] = 4321;
            put_set(pid);
            seen = 2;
        } else if (info.op == 1 && info.entry.nr == SYS_getppid && seen == 0) {
            seen = 1;
        } else if (info.op == 1 && info.entry.nr == SYS_close && seen == 2 && (int)info.entry.args[0] == 99) {
            renumber(pid, SYS_getpgid);
            seen = 3;
            next_call(pid, &info);
            printf("another call: %s\n", strerror(-info.exit.rval));
        } else if (info.op == 1 && info.entry.nr == SYS_getppid && seen == 3) {
            renumber(pid, SYS_getpid);
            seen = 4;
        }
    }
    printf("seen %d\n", seen);
}
