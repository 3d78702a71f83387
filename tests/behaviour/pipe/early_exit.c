/* pipe(7): a reader that leaves early ends the writer by SIGPIPE, as `yes | head` does. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    pipe(fds);
    pid_t writer = fork();
    if (writer == 0) {
        close(fds[0]);
        for (;;)
            write(fds[1], "y\n", 2);
    }
    pid_t reader = fork();
    if (reader == 0) {
        char text[7] = "";
        close(fds[1]);
        for (ssize_t got = 0, more = 1; got < 6 && more > 0; got += more)
            more = read(fds[0], text + got, 6 - got);
        fputs(text, stdout);
        return 0;
    }
    close(fds[0]);
    close(fds[1]);
    reap("reader", reader);
    reap("writer", writer);
    return 0;
}
