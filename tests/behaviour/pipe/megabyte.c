/* pipe(7): a megabyte from one process to another, in pieces of all sizes. */
#include "../tasks.h"

static unsigned next(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 16;
}

int main(void)
{
    int fds[2];
    static unsigned char buffer[70000];
    enum { total = 1 << 20 };
    pipe(fds);
    pid_t pid = fork();
    if (pid == 0) {
        unsigned data = 1, sizes = 7;
        close(fds[0]);
        for (long sent = 0; sent < total;) {
            long size = next(&sizes) % sizeof buffer + 1;
            if (size > total - sent)
                size = total - sent;
            for (long i = 0; i < size; i++)
                buffer[i] = next(&data);
            if (write(fds[1], buffer, size) != size)
                return 1;
            sent += size;
        }
        return 0;
    }
    close(fds[1]);
    unsigned data = 1, sizes = 3;
    long got = 0, wrong = 0;
    ssize_t size;
    while ((size = read(fds[0], buffer, next(&sizes) % 9000 + 1)) > 0) {
        for (long i = 0; i < size; i++)
            wrong += buffer[i] != (unsigned char)next(&data);
        got += size;
    }
    say("got", got);
    say("wrong", wrong);
    reap("writer", pid);
    return 0;
}
