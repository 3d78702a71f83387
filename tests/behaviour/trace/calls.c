/* ptrace(2), PTRACE_SYSCALL, PTRACE_GET_SYSCALL_INFO: a tracer stops a task where calls begin and end, and sees what they are and give. */
#include "../traced.h"

static void child(void)
{
    syscall(SYS_getppid);
    close(77);
    syscall(SYS_close, 78);
    _exit(9);
}

int main(void)
{
    pid_t pid = traced(child);
    await("at first", pid);
    say("options", ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)PTRACE_O_TRACESYSGOOD));
    say("options that are none", ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)0x40000000L));
    for (;;) {
        struct call_info info;
        ptrace(PTRACE_SYSCALL, pid, 0, 0);
        int status = await("then", pid);
        if (!WIFSTOPPED(status))
            break;
        int size = call_info(pid, &info);
        siginfo_t si;
        ptrace(PTRACE_GETSIGINFO, pid, 0, &si);
        printf("  %s %d, of it %d\n", signame(si.si_signo), si.si_code, si.si_pid == pid);
        if (info.op == 1) {
            const char *name = info.entry.nr == SYS_getppid ? "getppid" : info.entry.nr == SYS_close ? "close" :
                info.entry.nr == SYS_exit_group ? "exit_group" : "another";
            printf("  it begins %s, %d bytes", name, size);
            if (info.entry.nr == SYS_close)
                printf(" (%d)", (int)info.entry.args[0]);
            printf("\n");
        } else if (info.op == 2) {
            long long value = info.exit.rval;
            if (value == getpid())
                printf("  it gives the parent, %d bytes\n", size);
            else
                printf("  it gives %lld, %s\n", value, info.exit.is_error ? "an error" : "fine");
        } else {
            printf("  something else: %d\n", info.op);
        }
        unsigned long message;
        ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
        printf("  message %lu\n", message);
    }
}
