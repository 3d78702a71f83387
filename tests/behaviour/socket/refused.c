/* connect(2): where nobody listens there is ECONNREFUSED; other mistakes. */
#include "../tasks.h"
#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int held = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    bind(held, (void *)&address, sizeof address);
    getsockname(held, (void *)&address, &size);
    say("bound, but not listening", connect(client, (void *)&address, size));
    say("bind in use", bind(client, (void *)&address, size));
    listen(held, 1);
    say("connect the same again", connect(client, (void *)&address, size));
    say("once more", connect(client, (void *)&address, size));
    say("too short", connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, 4));
    address.sin_family = 77;
    say("of another family", connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, size));
    say("bind of another family", bind(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, size));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0xc0000201);
    address.sin_port = 0;
    say("bind to another's address", bind(socket(AF_INET, SOCK_STREAM, 0), (void *)&address, size));
    say("no such family", socket(99, SOCK_STREAM, 0));
    say("no such type", socket(AF_INET, 77, 0));
    say("no such protocol", socket(AF_INET, SOCK_STREAM, 200));
    say("not a socket", connect(1, (void *)&address, size));
    say("not open", connect(999, (void *)&address, size));
    say("listen of datagrams", listen(socket(AF_INET, SOCK_DGRAM, 0), 1));
    say("send, not connected", send(socket(AF_INET, SOCK_STREAM, 0), "x", 1, MSG_NOSIGNAL));
    say("recv, not connected", recv(socket(AF_INET, SOCK_STREAM, 0), &address, 1, 0));
    return 0;
}
