/* ptrace(2), "PTRACE_O_TRACEEXEC": a task that executes a program stops with SIGTRAP, or with an event when its tracer wants that. */
#include "../traced.h"

static char *again[] = {"/proc/self/exe", "again", NULL};

static void child(void)
{
    execv(again[0], again);
    _exit(1);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc == 2 || getenv("AGAIN")) {
        printf("another program\n");
        return 11;
    }
    for (int option = 0; option < 2; option++) {
        pid_t pid = traced(child);
        await("at first", pid);
        if (option)
            ptrace(PTRACE_SETOPTIONS, pid, 0, (void *)(long)(PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD));
        ptrace(PTRACE_CONT, pid, 0, 0);
        await("executed", pid);
        unsigned long message = 0;
        siginfo_t si;
        ptrace(PTRACE_GETSIGINFO, pid, 0, &si);
        printf("code %d\n", si.si_code);
        if (option) {
            ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
            check("of the same number", (pid_t)message == pid);
            ptrace(PTRACE_SYSCALL, pid, 0, 0);
            await("its end", pid);
            struct call_info info;
            call_info(pid, &info);
            printf("op %d, value %d\n", info.op, (int)info.exit.rval);
        }
        ptrace(PTRACE_CONT, pid, 0, 0);
        await("it", pid);
    }
}
