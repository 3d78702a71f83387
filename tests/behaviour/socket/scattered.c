/* sendmsg(2), recvmsg(2): parts are gathered and scattered; the name is given and told. */
#include "../tasks.h"
#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from;
    socklen_t size = sizeof address;
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    bind(b, (void *)&address, size);
    getsockname(b, (void *)&address, &size);
    char first[3] = "", second[16] = "";
    struct iovec out[3] = {{"ab", 2}, {"cde", 3}, {"f", 1}}, in[2] = {{first, 2}, {second, 15}};
    struct msghdr message = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = out, .msg_iovlen = 3};
    say("sendmsg", sendmsg(a, &message, 0));
    message = (struct msghdr){.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = in, .msg_iovlen = 2};
    say("recvmsg", recvmsg(b, &message, 0));
    printf("%s %s\n", first, second);
    say("name", message.msg_namelen);
    say("flags", message.msg_flags);
    say("no control", message.msg_controllen);
    check("from 127.0.0.1", from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    message.msg_iovlen = 5000;
    say("too many parts", recvmsg(b, &message, MSG_DONTWAIT));
    message.msg_iovlen = 1;
    in[0].iov_base = (void *)8;
    message.msg_iov = in;
    message.msg_name = &address;
    message.msg_namelen = sizeof address;
    say("from nowhere", sendmsg(a, &message, 0));
    return 0;
}
