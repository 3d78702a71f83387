/* unix(7): SO_PASSCRED tells who sent, SO_PEERCRED who made the other end. */
#include "../tasks.h"
#include <sys/socket.h>

int main(void)
{
    int fds[2], on = 1;
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    struct ucred who;
    socklen_t size = sizeof who;
    say("SO_PEERCRED", getsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &who, &size));
    check("oneself", who.pid == getpid() && who.uid == geteuid() && who.gid == getegid());
    say("SO_PASSCRED", setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    pid_t pid = fork();
    if (pid == 0) {
        say("write", write(fds[1], "x", 1));
        return 0;
    }
    reap("child", pid);
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    char byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    say("recvmsg", recvmsg(fds[0], &message, 0));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    check("SCM_CREDENTIALS", header && header->cmsg_type == SCM_CREDENTIALS);
    memcpy(&who, CMSG_DATA(header), sizeof who);
    check("the child", who.pid == pid && who.uid == getuid() && who.gid == getgid());
    check("no more", CMSG_NXTHDR(&message, header) == NULL);
    return 0;
}
