/* alarm(2), ualarm(3): one timer, whose signal may be ignored, handled, or end the process. */
#include "../tasks.h"

static volatile int count;

static void note(int sig)
{
    count++;
}

int main(void)
{
    handle(SIGALRM, note, 0);
    say("none before", alarm(10));
    check("what was left", alarm(20) >= 9);
    check("what was left", alarm(0) >= 19);
    say("none", alarm(0));
    say("ualarm", ualarm(3000, 2000));
    while (count < 3)
        pause();
    check("again and again", count >= 3);
    ualarm(0, 0);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGALRM, SIG_DFL);
        ualarm(3000, 0);
        for (;;)
            pause();
    }
    reap("not handled", pid);
    alarm(100);
    pid = fork();
    if (pid == 0) {
        say("a child has none", alarm(0));
        return 0;
    }
    reap("child", pid);
    check("ours is kept", alarm(0) >= 90);
    return 0;
}
