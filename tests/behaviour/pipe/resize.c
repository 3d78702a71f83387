/* fcntl(2): F_SETPIPE_SZ makes a pipe larger or smaller, in powers of two pages, not below what it holds. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    static char text[200000];
    pipe2(fds, O_NONBLOCK);
    say("to 4096", fcntl(fds[1], F_SETPIPE_SZ, 4096));
    say("write", write(fds[1], text, sizeof text));
    say("to 100000", fcntl(fds[1], F_SETPIPE_SZ, 100000));
    say("F_GETPIPE_SZ", fcntl(fds[0], F_GETPIPE_SZ));
    say("write", write(fds[1], text, sizeof text));
    say("to 4096, full", fcntl(fds[0], F_SETPIPE_SZ, 4096));
    say("read", read(fds[0], text, sizeof text));
    say("to 4096, empty", fcntl(fds[0], F_SETPIPE_SZ, 4096));
    say("to 1", fcntl(fds[0], F_SETPIPE_SZ, 1));
    say("of a file", fcntl(open("/dev/null", O_RDONLY), F_GETPIPE_SZ));
    return 0;
}
