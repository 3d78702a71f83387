/* ptrace(2), PTRACE_O_EXITKILL: who is traced dies with its tracer when that wants it, and goes on otherwise. */
#include "../traced.h"

int main(void)
{
    for (int kills = 0; kills < 2; kills++) {
        int gate[2], news[2];
        char byte;
        if (pipe(gate) || pipe(news))
            return 1;
        pid_t pid = fork();
        if (pid == 0) {
            close(gate[1]);
            (void)!read(gate[0], &byte, 1);
            _exit(12);
        }
        pid_t tracer = fork();
        if (tracer == 0) {
            say("seized", ptrace(PTRACE_SEIZE, pid, 0, (void *)(long)(kills ? PTRACE_O_EXITKILL : 0)));
            (void)!write(news[1], "y", 1);
            _exit(0);
        }
        (void)!read(news[0], &byte, 1);
        reap("the tracer", tracer);
        (void)!write(gate[1], "x", 1);
        close(gate[1]);
        if (kills) {
            int status;
            waitpid(pid, &status, 0);
            check("dead", WIFSIGNALED(status) || WIFEXITED(status));
        } else {
            reap("the child", pid);
        }
        close(gate[0]);
        close(news[0]);
        close(news[1]);
    }
}
