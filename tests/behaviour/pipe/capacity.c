/* pipe(7): 65536 bytes fit; a write that does not fit waits, or is cut short with O_NONBLOCK. */
#include "../tasks.h"
#include <sys/ioctl.h>

int main(void)
{
    int fds[2], held;
    static char text[70000];
    pipe2(fds, O_NONBLOCK);
    say("F_GETPIPE_SZ", fcntl(fds[0], F_GETPIPE_SZ));
    say("write of 70000", write(fds[1], text, sizeof text));
    ioctl(fds[0], FIONREAD, &held);
    say("held", held);
    say("full", write(fds[1], text, 1));
    say("read", read(fds[0], text, 4096));
    say("write of 5000 into 4096", write(fds[1], text, 5000));
    say("read", read(fds[0], text, 4095));
    say("write of 4096 into less", write(fds[1], text, 4096));
    say("all of it", read(fds[0], text, sizeof text));
    say("empty", read(fds[0], text, sizeof text));
    long total = 0;
    while (write(fds[1], text, 4096) == 4096)
        total += 4096;
    say("by pages", total);
    return 0;
}
