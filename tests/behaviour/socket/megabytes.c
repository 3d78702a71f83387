/* tcp(7), unix(7): four megabytes from one process to another arrive as they were sent. */
#include "../tasks.h"
#include <netinet/in.h>
#include <sys/socket.h>

static unsigned next(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void run(const char *what, int out, int in)
{
    enum { total = 4 << 20 };
    static unsigned buffer[16384];
    pid_t pid = fork();
    if (pid == 0) {
        close(in);
        unsigned data = 1, sizes = 9;
        for (long sent = 0; sent < total;) {
            long words = next(&sizes) % 16384 + 1;
            if (words * 4 > total - sent)
                words = (total - sent) / 4;
            for (long i = 0; i < words; i++)
                buffer[i] = next(&data);
            for (long done = 0; done < words * 4;) {
                ssize_t more = write(out, (char *)buffer + done, words * 4 - done);
                if (more <= 0)
                    _exit(1);
                done += more;
            }
            sent += words * 4;
        }
        _exit(0);
    }
    close(out);
    unsigned data = 1;
    long got = 0, wrong = 0;
    ssize_t size;
    while ((size = recv(in, buffer, 40000, MSG_WAITALL)) > 0) {
        for (long i = 0; i < size / 4; i++)
            wrong += buffer[i] != next(&data);
        got += size;
    }
    say(what, got);
    say("wrong", wrong);
    reap("sender", pid);
}

int main(void)
{
    int fds[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    run("AF_UNIX", fds[0], fds[1]);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    bind(server, (void *)&address, size);
    listen(server, 1);
    getsockname(server, (void *)&address, &size);
    connect(client, (void *)&address, size);
    run("TCP", client, accept(server, NULL, NULL));
    return 0;
}
