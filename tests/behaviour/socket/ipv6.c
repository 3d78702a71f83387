/* ipv6(7): TCP over ::1; a socket for both families sees IPv4 as mapped addresses. */
#include "../tasks.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, peer;
    socklen_t size = sizeof address;
    char text[64] = "";
    int server = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET6, SOCK_STREAM, 0);
    say("bind", bind(server, (void *)&address, size));
    listen(server, 1);
    getsockname(server, (void *)&address, &size);
    say("connect", connect(client, (void *)&address, size));
    size = sizeof peer;
    int other = accept(server, (void *)&peer, &size);
    say("size", size);
    puts(inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text));
    write(client, "six", 3);
    memset(text, 0, sizeof text);
    say("read", read(other, text, 3));
    puts(text);
    int both = socket(AF_INET6, SOCK_STREAM, 0), off = 0;
    setsockopt(both, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    address.sin6_addr = in6addr_any;
    address.sin6_port = 0;
    say("bind", bind(both, (void *)&address, sizeof address));
    listen(both, 1);
    getsockname(both, (void *)&address, &size);
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = address.sin6_port};
    client = socket(AF_INET, SOCK_STREAM, 0);
    say("connect by IPv4", connect(client, (void *)&four, sizeof four));
    size = sizeof peer;
    accept(both, (void *)&peer, &size);
    puts(inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text));
    return 0;
}
