/* signal(7), write(2): interrupted after some bytes, write(2) answers how many; before any, EINTR. */
#include "../tasks.h"

static volatile int count;

static void note(int sig)
{
    count++;
}

int main(void)
{
    int fds[2];
    static char text[100000];
    pipe(fds);
    handle(SIGALRM, note, 0);
    alarms(10);
    say("write", write(fds[1], text, sizeof text));
    check("handled", count > 0);
    say("write to a full pipe", write(fds[1], text, 1));
    alarms(0);
    say("read", read(fds[0], text, sizeof text));
    return 0;
}
