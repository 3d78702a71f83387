/* unix(7): abstract names, which are in no directory and go with the last descriptor; names given by the kernel. */
#include "../tasks.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX}, name;
    socklen_t size = offsetof(struct sockaddr_un, sun_path) + 1 +
        snprintf(address.sun_path + 1, 100, "emu behaviour %d", getpid()), got = sizeof name;
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    say("bind", bind(server, (void *)&address, size));
    say("listen", listen(server, 1));
    say("connect", connect(client, (void *)&address, size));
    say("a name with one byte more", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, size + 1));
    int other = accept(server, NULL, NULL);
    say("getsockname", getsockname(other, (void *)&name, &got));
    check("the same name", got == size && !memcmp(&name, &address, size));
    say("in use", bind(client = socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, size));
    close(other);
    close(server);
    say("free", bind(client, (void *)&address, size));
    int automatic = socket(AF_UNIX, SOCK_DGRAM, 0);
    say("a name of the kernel's choice", bind(automatic, (void *)&address, sizeof(sa_family_t)));
    got = sizeof name;
    getsockname(automatic, (void *)&name, &got);
    say("size", got - offsetof(struct sockaddr_un, sun_path));
    say("abstract", name.sun_path[0]);
    return 0;
}
