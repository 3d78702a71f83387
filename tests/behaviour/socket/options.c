/* getsockopt(2), setsockopt(2): what sockets are asked, and told. */
#include "../tasks.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static void get(const char *what, int fd, int level, int name, int expected)
{
    int value = -1;
    socklen_t size = sizeof value;
    if (getsockopt(fd, level, name, &value, &size))
        say(what, -1);
    else if (expected == -2)
        printf("%s: %s, %d bytes\n", what, value > 0 ? "some" : "none", (int)size);
    else
        printf("%s: %s, %d bytes\n", what, value == expected ? "as expected" : "OTHER", (int)size);
}

static void set(const char *what, int fd, int level, int name, int value)
{
    say(what, setsockopt(fd, level, name, &value, sizeof value));
}

int main(void)
{
    int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0), un = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    get("SO_TYPE of TCP", tcp, SOL_SOCKET, SO_TYPE, SOCK_STREAM);
    get("SO_TYPE of UDP", udp, SOL_SOCKET, SO_TYPE, SOCK_DGRAM);
    get("SO_TYPE of packets", un, SOL_SOCKET, SO_TYPE, SOCK_SEQPACKET);
    get("SO_DOMAIN", tcp, SOL_SOCKET, SO_DOMAIN, AF_INET);
    get("SO_DOMAIN", un, SOL_SOCKET, SO_DOMAIN, AF_UNIX);
    get("SO_PROTOCOL", udp, SOL_SOCKET, SO_PROTOCOL, IPPROTO_UDP);
    get("SO_ERROR", tcp, SOL_SOCKET, SO_ERROR, 0);
    get("SO_ACCEPTCONN", tcp, SOL_SOCKET, SO_ACCEPTCONN, 0);
    get("SO_REUSEADDR", tcp, SOL_SOCKET, SO_REUSEADDR, 0);
    set("SO_REUSEADDR to 5", tcp, SOL_SOCKET, SO_REUSEADDR, 5);
    get("SO_REUSEADDR", tcp, SOL_SOCKET, SO_REUSEADDR, 1);
    set("SO_KEEPALIVE", tcp, SOL_SOCKET, SO_KEEPALIVE, 1);
    get("SO_KEEPALIVE", tcp, SOL_SOCKET, SO_KEEPALIVE, 1);
    set("SO_BROADCAST", udp, SOL_SOCKET, SO_BROADCAST, 1);
    get("SO_BROADCAST", udp, SOL_SOCKET, SO_BROADCAST, 1);
    get("SO_RCVBUF", tcp, SOL_SOCKET, SO_RCVBUF, -2);
    set("SO_SNDBUF to 20000", tcp, SOL_SOCKET, SO_SNDBUF, 20000);
    get("SO_SNDBUF, doubled", tcp, SOL_SOCKET, SO_SNDBUF, 40000);
    get("TCP_NODELAY", tcp, IPPROTO_TCP, TCP_NODELAY, 0);
    set("TCP_NODELAY", tcp, IPPROTO_TCP, TCP_NODELAY, 1);
    get("TCP_NODELAY", tcp, IPPROTO_TCP, TCP_NODELAY, 1);
    get("IP_TTL", tcp, IPPROTO_IP, IP_TTL, -2);
    set("IP_TTL", tcp, IPPROTO_IP, IP_TTL, 33);
    get("IP_TTL", tcp, IPPROTO_IP, IP_TTL, 33);
    set("IP_TTL to 999", tcp, IPPROTO_IP, IP_TTL, 999);
    set("SO_TYPE can't be set", tcp, SOL_SOCKET, SO_TYPE, 1);
    set("an option that isn't one", tcp, SOL_SOCKET, 9999, 1);
    get("an option that isn't one", tcp, SOL_SOCKET, 9999, 0);
    set("TCP_NODELAY of UDP", udp, IPPROTO_TCP, TCP_NODELAY, 1);
    set("not a socket", 1, SOL_SOCKET, SO_REUSEADDR, 1);
    say("too short", setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &(char){1}, 1));
    listen(tcp, 1);
    get("SO_ACCEPTCONN", tcp, SOL_SOCKET, SO_ACCEPTCONN, 1);
    struct linger linger = {1, 7};
    say("SO_LINGER", setsockopt(tcp, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    memset(&linger, 0, sizeof linger);
    socklen_t size = sizeof linger;
    getsockopt(tcp, SOL_SOCKET, SO_LINGER, &linger, &size);
    printf("%d %d %d\n", linger.l_onoff, linger.l_linger, (int)size);
    return 0;
}
