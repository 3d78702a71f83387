/* signal(7): a handler interrupts a read(2) that waits: EINTR. */
#include "../tasks.h"

static volatile int count;

static void note(int sig)
{
    count++;
}

int main(void)
{
    int fds[2];
    char byte;
    pipe(fds);
    handle(SIGALRM, note, 0);
    alarms(10);
    say("read", read(fds[0], &byte, 1));
    check("handled", count > 0);
    int before = count;
    say("wait", waitpid(-1, NULL, 0));
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    say("wait with a child", waitpid(pid, NULL, 0));
    check("handled", count > before);
    alarms(0);
    kill(pid, SIGKILL);
    reap("child", pid);
    return 0;
}
