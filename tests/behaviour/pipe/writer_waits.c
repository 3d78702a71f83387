/* pipe(7): who writes to a full pipe waits for a reader; when the last reader closes, it is told EPIPE. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    static char text[65536];
    struct gate up = new_gate();
    pipe(fds);
    write(fds[1], text, sizeof text);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGPIPE, SIG_IGN);
        close(fds[0]);
        open_gate(up);
        say("write of 10", write(fds[1], "0123456789", 10));
        open_gate(up);
        say("write of 100000", write(fds[1], calloc(1, 100000), 100000));
        check("cut short, or nothing at all", write(fds[1], calloc(1, 100000), 100000) < 100000);
        say("nobody reads", write(fds[1], "x", 1));
        return 0;
    }
    close(fds[1]);
    pass(up);
    long total = 0;
    while (total < 65536)
        total += read(fds[0], text, sizeof text - total % 4096);
    pass(up);
    while (total < 65536 + 10 + 100000 - 3000)
        total += read(fds[0], text, 1000);
    while (total < 65536 + 10 + 100000)
        total += read(fds[0], text, 1);
    close(fds[0]);
    reap("writer", pid);
    say("read", total);
    return 0;
}
