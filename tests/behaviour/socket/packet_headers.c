/* ip(7), ipv6(7): hops left and class of service, set at a socket and for a message, and told with what comes. */
#include "../tasks.h"
#include <netinet/in.h>
#include <sys/socket.h>

static int receiver, sender;
static char space[256];

static void receive(const char *what)
{
    char text[8];
    struct iovec part = {text, sizeof text};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    say(what, recvmsg(receiver, &head, 0));
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&head); at; at = CMSG_NXTHDR(&head, at)) {
        int value = 0;
        if (at->cmsg_len == CMSG_LEN(1))
            value = *CMSG_DATA(at);
        else
            memcpy(&value, CMSG_DATA(at), sizeof value);
        printf("    level %d type %d of %d bytes: %d\n", at->cmsg_level, at->cmsg_type,
               (int)(at->cmsg_len - CMSG_LEN(0)), value);
    }
}

static long send_with(int level, int type, int size, int value)
{
    struct iovec part = {"x", 1};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = CMSG_SPACE(size)};
    struct cmsghdr *at = CMSG_FIRSTHDR(&head);
    unsigned char byte = value;
    memset(space, 0, sizeof space);
    at->cmsg_level = level;
    at->cmsg_type = type;
    at->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(at), size == 1 ? (void *)&byte : (void *)&value, size == 1 ? 1 : sizeof value);
    return sendmsg(sender, &head, 0);
}

static void set(int fd, int level, int name, int value)
{
    if (setsockopt(fd, level, name, &value, sizeof value))
        say("setsockopt", -1);
}

static void pair(int family, void *address, socklen_t size)
{
    receiver = socket(family, SOCK_DGRAM, 0);
    sender = socket(family, SOCK_DGRAM, 0);
    say("bind", bind(receiver, address, size));
    getsockname(receiver, address, &size);
    say("connect", connect(sender, address, size));
}

int main(void)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    puts("version 4");
    pair(AF_INET, &four, sizeof four);
    send(sender, "x", 1, 0);
    receive("nothing asked for");
    set(receiver, IPPROTO_IP, IP_RECVTTL, 1);
    set(receiver, IPPROTO_IP, IP_RECVTOS, 1);
    send(sender, "x", 1, 0);
    receive("as usual");
    set(sender, IPPROTO_IP, IP_TTL, 7);
    set(sender, IPPROTO_IP, IP_TOS, 0x10);
    send(sender, "x", 1, 0);
    receive("as set");
    say("a message's own hops", send_with(IPPROTO_IP, IP_TTL, 4, 9));
    receive("so");
    say("a message's own class", send_with(IPPROTO_IP, IP_TOS, 4, 8));
    receive("so");
    say("in a byte", send_with(IPPROTO_IP, IP_TOS, 1, 0x20));
    receive("so");
    say("0 hops", send_with(IPPROTO_IP, IP_TTL, 4, 0));
    say("256 hops", send_with(IPPROTO_IP, IP_TTL, 4, 256));
    say("hops in a byte", send_with(IPPROTO_IP, IP_TTL, 1, 1));
    say("class 256", send_with(IPPROTO_IP, IP_TOS, 4, 256));

    puts("version 6");
    pair(AF_INET6, &six, sizeof six);
    set(receiver, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    set(receiver, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    send(sender, "x", 1, 0);
    receive("as usual");
    set(sender, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 7);
    set(sender, IPPROTO_IPV6, IPV6_TCLASS, 0x10);
    send(sender, "x", 1, 0);
    receive("as set");
    say("a message's own hops", send_with(IPPROTO_IPV6, IPV6_HOPLIMIT, 4, 9));
    receive("so");
    say("a message's own class", send_with(IPPROTO_IPV6, IPV6_TCLASS, 4, 8));
    receive("so");
    say("the socket's hops", send_with(IPPROTO_IPV6, IPV6_HOPLIMIT, 4, -1));
    receive("so");
    say("256 hops", send_with(IPPROTO_IPV6, IPV6_HOPLIMIT, 4, 256));
    say("-2 hops", send_with(IPPROTO_IPV6, IPV6_HOPLIMIT, 4, -2));
    say("class 256", send_with(IPPROTO_IPV6, IPV6_TCLASS, 4, 256));
    say("something else", send_with(IPPROTO_IPV6, 200, 4, 1));
    return 0;
}
