/* clone3(2): without a stack it is fork(2); the pid, the tid and a pidfd are stored where they are asked for. */
#include "../tasks.h"
#include <linux/sched.h>
#include <stdint.h>

static long clone3(struct clone_args *args, size_t size)
{
    return syscall(SYS_clone3, args, size);
}

int main(void)
{
    static int parent_tid, child_tid, pidfd = -1;
    struct clone_args args = {
        .flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_PIDFD,
        .pidfd = (uintptr_t)&pidfd,
        .parent_tid = (uintptr_t)&parent_tid,
        .child_tid = (uintptr_t)&child_tid,
        .exit_signal = SIGCHLD,
    };
    pid_t pid = clone3(&args, sizeof args);
    if (pid == 0) {
        check("the child's copy", child_tid == syscall(SYS_gettid) && child_tid == syscall(SYS_getpid));
        _exit(17);
    }
    siginfo_t info;
    say("waitid", waitid(P_PIDFD, pidfd, &info, WEXITED));
    say("status", info.si_status);
    check("the parent's", parent_tid == pid);
    say("the child's is not ours", child_tid);
    check("a pidfd", pidfd > 2);
    say("FD_CLOEXEC", fcntl(pidfd, F_GETFD));
    args.flags = 0;
    say("too small", clone3(&args, 32));
    args.exit_signal = 200;
    say("a signal that isn't one", clone3(&args, sizeof args));
    args.exit_signal = SIGCHLD;
    args.stack = 4096;
    say("a stack without a size", clone3(&args, sizeof args));
    args.stack = 0;
    pid = clone3(&args, CLONE_ARGS_SIZE_VER0);
    if (pid == 0)
        _exit(18);
    reap("of the first version", pid);
    return 0;
}
