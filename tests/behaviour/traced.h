/* What programs about ptrace(2) have in common. */
#include "tasks.h"
#include <sys/ptrace.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <stdint.h>
#include <stddef.h>

/* What the C libraries' headers don't all have. */
#define REQUEST_GET_SYSCALL_INFO 0x420e
struct call_info {
    uint8_t op;
    uint8_t pad[3];
    uint32_t arch;
    uint64_t pc, sp;
    union {
        struct {
            uint64_t nr, args[6];
        } entry;
        struct {
            int64_t rval;
            uint8_t is_error;
        } exit;
        struct {
            uint64_t nr, args[6];
            uint32_t data;
        } seccomp;
    };
};

/* The next stop or end of a task. */
static inline int await(const char *what, pid_t pid)
{
    int status;
    pid_t found;
    do
        found = waitpid(pid, &status, __WALL);
    while (found == -1 && errno == EINTR);
    if (found == -1) {
        say(what, -1);
        exit(1);
    }
    if (WIFSTOPPED(status) && status >> 16) {
        static const char *const names[] = {"none", "fork", "vfork", "clone", "exec", "vfork done", "exit", "seccomp"};
        int event = status >> 16;
        printf("%s: event %s, %s\n", what, event == 128 ? "stop" : event < 8 ? names[event] : "?",
               signame(WSTOPSIG(status) & 0x7f));
    } else if (WIFSTOPPED(status) && WSTOPSIG(status) & 0x80) {
        printf("%s: at a call\n", what);
    } else {
        ended(what, status);
    }
    return status;
}

/* A child that is traced and stops before it does anything. */
static inline pid_t traced(void (*does)(void))
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        does();
        _exit(0);
    }
    return pid;
}

/* Where the call is that a task has stopped at. */
static inline int call_info(pid_t pid, struct call_info *info)
{
    memset(info, 0, sizeof *info);
    return ptrace(REQUEST_GET_SYSCALL_INFO, pid, (void *)sizeof *info, info);
}

/* A child that waits for a byte and then ends with 6; the descriptor to write it to. */
static inline pid_t reader(int *gate)
{
    int ends[2];
    char byte;
    if (pipe(ends))
        exit(1);
    *gate = ends[1];
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        printf("the child reads %zd\n", read(ends[0], &byte, 1));
        _exit(6);
    }
    close(ends[0]);
    return pid;
}
