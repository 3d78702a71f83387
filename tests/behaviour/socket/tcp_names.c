/* getsockname(2), getpeername(2): both ends know both names. */
#include "../tasks.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET}, names[4], peer;
    socklen_t size = sizeof address, short_size = 4;
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    say("not bound", getsockname(client, (void *)&address, &size));
    printf("%s %d\n", inet_ntoa(address.sin_addr), ntohs(address.sin_port));
    say("not connected", getpeername(client, (void *)&address, &size));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = 0;
    bind(server, (void *)&address, sizeof address);
    listen(server, 1);
    getsockname(server, (void *)&address, &size);
    connect(client, (void *)&address, size);
    size = sizeof peer;
    int other = accept(server, (void *)&peer, &size);
    say("size", size);
    for (int i = 0; i < 4; i++) {
        size = sizeof names[i];
        say("name", (i % 2 ? getpeername : getsockname)(i < 2 ? client : other, (void *)&names[i], &size));
        printf("%s\n", inet_ntoa(names[i].sin_addr));
    }
    check("the client's", names[0].sin_port == names[3].sin_port && names[0].sin_port == peer.sin_port);
    check("the server's", names[1].sin_port == names[2].sin_port && names[1].sin_port == address.sin_port);
    memset(&peer, 0x55, sizeof peer);
    say("a buffer too small", getsockname(client, (void *)&peer, &short_size));
    say("the whole size is told", short_size);
    check("no more is written", peer.sin_family == AF_INET && peer.sin_addr.s_addr == 0x55555555);
    say("not a socket", getsockname(1, (void *)&peer, &size));
    return 0;
}
