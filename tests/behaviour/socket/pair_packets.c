/* unix(7): datagrams and SOCK_SEQPACKET keep their borders; what doesn't fit is cut. */
#include "../tasks.h"
#include <sys/socket.h>

static void run(const char *what, int type)
{
    int fds[2];
    char text[32] = "";
    puts(what);
    say("socketpair", socketpair(AF_UNIX, type, 0, fds));
    write(fds[0], "first", 5);
    write(fds[0], "second", 6);
    send(fds[0], "", 0, 0);
    write(fds[0], "last", 4);
    say("read", read(fds[1], text, 31));
    puts(text);
    say("read of 3", read(fds[1], text, 3));
    say("of none", read(fds[1], text, 31));
    say("MSG_TRUNC", recv(fds[1], text, 2, MSG_TRUNC));
    struct iovec part = {text, 2};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    write(fds[0], "long", 4);
    say("recvmsg", recvmsg(fds[1], &message, 0));
    check("told that it was cut", message.msg_flags & MSG_TRUNC);
    close(fds[0]);
    say("after the other closed", recv(fds[1], text, 2, MSG_DONTWAIT));
}

int main(void)
{
    run("datagrams", SOCK_DGRAM);
    run("packets", SOCK_SEQPACKET);
    return 0;
}
