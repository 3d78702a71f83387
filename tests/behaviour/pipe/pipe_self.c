/* pipe(7): bytes come out in order; the end of file, EPIPE and EAGAIN. */
#include "../say.h"
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

int main(void)
{
    int ends[2], size = 0;
    char text[16] = "", block[4096] = {0};
    say("pipe", pipe(ends));
    say("write", write(ends[1], "first", 5));
    say("write", write(ends[1], "second", 6));
    say("read", read(ends[0], text, 7));
    printf("%s\n", text);
    int waiting = 0;
    say("FIONREAD", ioctl(ends[0], FIONREAD, &waiting));
    say("waiting", waiting);
    struct stat st;
    fstat(ends[0], &st);
    check("a FIFO", S_ISFIFO(st.st_mode));
    say("read from the wrong end", read(ends[1], text, 1));
    say("write to the wrong end", write(ends[0], text, 1));
    close(ends[1]);
    memset(text, 0, sizeof text);
    say("the rest", read(ends[0], text, 16));
    say("the end", read(ends[0], text, 16));
    close(ends[0]);

    pipe2(ends, O_NONBLOCK | O_CLOEXEC);
    say("FD_CLOEXEC", fcntl(ends[0], F_GETFD));
    say("empty", read(ends[0], text, 1));
    while (write(ends[1], block, sizeof block) > 0)
        size += sizeof block;
    say("full", -1);
    say("held", size);
    signal(SIGPIPE, SIG_IGN);
    close(ends[0]);
    say("nobody reads", write(ends[1], text, 1));
    say("a flag that isn't one", pipe2(ends, 0x1));
    return 0;
}
