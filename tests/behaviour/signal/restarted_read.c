/* sigaction(2): with SA_RESTART, a read(2) that a handler interrupted begins again by itself. */
#include "../tasks.h"

static int fds[2];
static volatile int count;

static void note(int sig)
{
    if (++count == 3)
        write(fds[1], "x", 1);
}

int main(void)
{
    char byte = 0;
    pipe(fds);
    handle(SIGALRM, note, SA_RESTART);
    alarms(10);
    say("read", read(fds[0], &byte, 1));
    check("handled thrice before", count >= 3);
    printf("%c\n", byte);
    alarms(0);
    count = -100;
    struct gate go = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        pass(go);
        return 7;
    }
    alarms(10);
    while (count < -98)
        ;
    open_gate(go);
    int status;
    check("wait", waitpid(pid, &status, 0) == pid);
    ended("child", status);
    alarms(0);
    return 0;
}
