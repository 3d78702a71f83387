/* unix(7): SCM_RIGHTS gives another process copies of descriptors. */
#include "../tasks.h"
#include <sys/socket.h>

int main(void)
{
    int fds[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    put("file", "abcdefgh");
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(2 * sizeof(int))];
    } control;
    char byte = 'x';
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    pid_t pid = fork();
    if (pid == 0) {
        char text[8] = "";
        int got[2] = {-1, -1};
        say("recvmsg", recvmsg(fds[1], &message, MSG_CMSG_CLOEXEC));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        check("SCM_RIGHTS", header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS);
        check("two", header->cmsg_len == CMSG_LEN(2 * sizeof(int)));
        memcpy(got, CMSG_DATA(header), sizeof got);
        say("FD_CLOEXEC", fcntl(got[0], F_GETFD));
        say("read", read(got[0], text, 3));
        puts(text);
        say("write", write(got[1], "through a pipe", 14));
        return 0;
    }
    int file = open("file", O_RDONLY), pipes[2];
    pipe(pipes);
    read(file, &byte, 1);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(2 * sizeof(int));
    memcpy(CMSG_DATA(header), (int[]){file, pipes[1]}, 2 * sizeof(int));
    long sent = sendmsg(fds[0], &message, 0);
    close(pipes[1]);
    reap("child", pid);
    say("sendmsg", sent);
    say("the offset is shared", lseek(file, 0, SEEK_CUR));
    char text[32] = "";
    say("read", read(pipes[0], text, 31));
    puts(text);
    say("no more writers", read(pipes[0], text, 31));
    memcpy(CMSG_DATA(header), (int[]){file, 999}, 2 * sizeof(int));
    message.msg_controllen = sizeof control.space;
    say("one that isn't open", sendmsg(fds[0], &message, 0));
    memcpy(CMSG_DATA(header), (int[]){file, file}, 2 * sizeof(int));
    sendmsg(fds[0], &message, 0);
    message.msg_controllen = 0;
    say("no room for them", recvmsg(fds[1], &message, 0));
    check("MSG_CTRUNC", message.msg_flags & MSG_CTRUNC);
    unlink("file");
    return 0;
}
