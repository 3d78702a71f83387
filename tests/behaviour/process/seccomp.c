/* seccomp(2): a filter's answers (an error, a signal, death, none), what children inherit, and strict mode. */
#include "../tasks.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define ARCH AUDIT_ARCH_ARM
#elif defined(_ABIN32) && _MIPS_SIM == _ABIN32 && defined(__MIPSEB__)
#define ARCH AUDIT_ARCH_MIPS64N32
#elif defined(_ABIN32) && _MIPS_SIM == _ABIN32
#define ARCH AUDIT_ARCH_MIPSEL64N32
#elif defined(__mips64) && defined(__MIPSEB__)
#define ARCH AUDIT_ARCH_MIPS64
#elif defined(__mips64)
#define ARCH AUDIT_ARCH_MIPSEL64
#elif defined(__MIPSEB__)
#define ARCH AUDIT_ARCH_MIPS
#else
#define ARCH AUDIT_ARCH_MIPSEL
#endif

static int answer(int number, unsigned action)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof steps / sizeof *steps, steps};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static void trapped(int sig, siginfo_t *info, void *context)
{
    printf("%s %d: the call %d, its kind %d, its place %d\n", signame(sig), info->si_errno,
           info->si_syscall == SYS_getppid, info->si_arch == ARCH, info->si_call_addr != NULL);
}

static void fails(void)
{
    say("a filter", answer(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV));
    say("getppid", syscall(SYS_getppid));
    say("PR_GET_SECCOMP", prctl(PR_GET_SECCOMP));
    say("answers 0", answer(SYS_getppid, SECCOMP_RET_TRACE));
    say("the first one stays stricter", syscall(SYS_getppid));
    pid_t pid = fork();
    if (pid == 0) {
        say("inherited", syscall(SYS_getppid));
        _exit(0);
    }
    reap("grandchild", pid);
}

static void traps(void)
{
    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    answer(SYS_getppid, SECCOMP_RET_TRAP | 5);
    syscall(SYS_getppid);
    puts("goes on");
}

static void dies(void)
{
    answer(SYS_getppid, SECCOMP_RET_KILL_PROCESS);
    syscall(SYS_getppid);
    puts("not here");
}

static void strict(void)
{
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    write(1, "it may write\n", 13);
    syscall(SYS_getppid);
    write(1, "not here\n", 9);
}

static void senseless(void)
{
    struct sock_filter far[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4096), BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_filter endless[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
    struct sock_fprog program = {2, far};
    say("looks too far", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    program = (struct sock_fprog){1, endless};
    say("has no end", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    say("strange flags", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 1 << 20, &program));
    say("strange operation", syscall(SYS_seccomp, 99, 0, NULL));
    say("not set", prctl(PR_GET_SECCOMP));
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } all[] = {{"an error", fails}, {"a signal", traps}, {"death", dies}, {"strict", strict}, {"senseless", senseless}};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            all[i].run();
            _exit(0);
        }
        reap(all[i].name, pid);
    }
    return 0;
}
