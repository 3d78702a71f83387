/* seccomp(2), SECCOMP_RET_TRACE, and ptrace(2), PTRACE_O_TRACESECCOMP: a filter leaves a call to the tracer; without one it fails. */
#include "../traced.h"
#include <linux/filter.h>
#include <linux/seccomp.h>

static void restrict_getppid(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 77),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    say("a filter", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static void child(void)
{
    restrict_getppid();
    check("its parent", syscall(SYS_getppid) > 0);
}

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        restrict_getppid();
        say("untraced", syscall(SYS_getppid));
        _exit(0);
    }
    reap("untraced", pid);
    pid = traced(child);
    await("at first", pid);
    ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)(long)PTRACE_O_TRACESECCOMP);
    ptrace(PTRACE_CONT, pid, 0, 0);
    await("asked", pid);
    unsigned long message = 0;
    ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
    struct call_info info;
    call_info(pid, &info);
    printf("message %lu, op %d, data %u\n", message, info.op, info.seccomp.data);
    ptrace(PTRACE_CONT, pid, 0, 0);
    await("it", pid);
}
