/* pipe(7): without readers writes fail, though a reader was there when they began to wait. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    static char text[65536];
    signal(SIGPIPE, SIG_IGN);
    pipe(fds);
    int reader = dup(fds[0]);
    close(fds[0]);
    say("one reader left", write(fds[1], "x", 1));
    close(reader);
    say("none", write(fds[1], "x", 1));
    say("of nothing", write(fds[1], "x", 0));
    pipe(fds);
    write(fds[1], text, sizeof text);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        say("write", write(fds[1], "x", 1));
        signal(SIGPIPE, SIG_DFL);
        write(fds[1], "x", 1);
        return 0;
    }
    sleep_ms(5);
    close(fds[0]);
    reap("writer", pid);
    say("read from the writing end", read(fds[1], text, 1));
    pipe(fds);
    say("write to the reading end", write(fds[0], text, 1));
    return 0;
}
