/* send(2): without a reader SIGPIPE, with MSG_NOSIGNAL only EPIPE. */
#include "../tasks.h"
#include <sys/socket.h>

int main(void)
{
    int fds[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    close(fds[1]);
    say("MSG_NOSIGNAL", send(fds[0], "x", 1, MSG_NOSIGNAL));
    pid_t pid = fork();
    if (pid == 0) {
        send(fds[0], "x", 1, 0);
        return 0;
    }
    reap("send", pid);
    pid = fork();
    if (pid == 0) {
        write(fds[0], "x", 1);
        return 0;
    }
    reap("write", pid);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
    close(fds[1]);
    say("a datagram", send(fds[0], "x", 1, 0));
    return 0;
}
