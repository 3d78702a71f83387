/* bind(2): an address is one socket's, but a server that listened may come back with SO_REUSEADDR. */
#include "../tasks.h"
#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int on = 1, first = socket(AF_INET, SOCK_STREAM, 0), second = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(first, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bind(first, (void *)&address, size);
    getsockname(first, (void *)&address, &size);
    say("in use", bind(second, (void *)&address, size));
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    say("the same port of UDP", bind(udp, (void *)&address, size));
    listen(first, 1);
    setsockopt(second, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    say("SO_REUSEADDR, while one listens", bind(second, (void *)&address, size));
    int client = socket(AF_INET, SOCK_STREAM, 0);
    connect(client, (void *)&address, size);
    int other = accept(first, NULL, NULL);
    close(first);
    close(other);
    say("after it closed", bind(second, (void *)&address, size));
    say("listen", listen(second, 1));
    say("bound twice", bind(second, (void *)&address, size));
    int a = socket(AF_INET, SOCK_STREAM, 0), b = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(a, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(b, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    address.sin_port = 0;
    bind(a, (void *)&address, size);
    getsockname(a, (void *)&address, &size);
    say("SO_REUSEPORT", bind(b, (void *)&address, size));
    return 0;
}
