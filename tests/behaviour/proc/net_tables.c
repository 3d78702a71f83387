/* /proc/net has a row for each socket: where it is, how far, who has it, and its inode. */
#include "../say.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static unsigned long inode(int fd)
{
    struct stat info;
    fstat(fd, &info);
    return info.st_ino;
}

/* The row whose column is this socket's inode. The address is that of the CPU's order, so that it is turned here. */
static void internet(const char *what, const char *table, int fd)
{
    char line[512];
    FILE *file = fopen(table, "r");
    int lines = 0;
    while (fgets(line, sizeof line, file)) {
        unsigned local, local_port, remote, remote_port, state, sent, received, uid, slot;
        unsigned long found;
        int fields = sscanf(line, "%u: %X:%X %X:%X %X %X:%X %*X:%*X %*X %u %*u %lu", &slot, &local, &local_port,
                            &remote, &remote_port, &state, &sent, &received, &uid, &found);
        if (fields != 10 || found != inode(fd))
            continue;
        lines++;
        printf("%s: %08x %s -> %08x %s, state %02x, queues %x %x, %s, %zu columns\n", what, ntohl(local),
               local_port ? "port" : "none", ntohl(remote), remote_port ? "port" : "none", state, sent, received,
               uid == getuid() ? "mine" : "another's", strlen(line) - 1);
    }
    if (!lines)
        printf("%s: no row\n", what);
    fclose(file);
}

static void local(const char *what, int fd)
{
    char line[512];
    FILE *file = fopen("/proc/net/unix", "r");
    while (fgets(line, sizeof line, file)) {
        unsigned count, protocol, flags, type, state;
        unsigned long found;
        char path[200] = "";
        int fields = sscanf(line, "%*[0-9a-f]: %X %X %X %X %X %lu %199s", &count, &protocol, &flags, &type, &state, &found, path);
        if (fields < 6 || found != inode(fd))
            continue;
        const char *kind = type == SOCK_STREAM ? "stream" : type == SOCK_DGRAM ? "datagrams" : "other";
        printf("%s: count %u, protocol %x, flags %08x, %s, state %02x, path \"%s\"\n", what, count, protocol, flags,
               kind, state, path);
    }
    fclose(file);
}

int main(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof to;
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    internet("a fresh stream", "/proc/net/tcp", server);
    bind(server, (struct sockaddr *)&to, sizeof to);
    listen(server, 5);
    getsockname(server, (struct sockaddr *)&to, &len);
    internet("a listener", "/proc/net/tcp", server);
    connect(client, (struct sockaddr *)&to, sizeof to);
    internet("a listener with one that waits", "/proc/net/tcp", server);
    int accepted = accept(server, 0, 0);
    internet("a client", "/proc/net/tcp", client);
    internet("an accepted one", "/proc/net/tcp", accepted);
    write(client, "hello", 5);
    usleep(200000);
    internet("an accepted one with bytes", "/proc/net/tcp", accepted);
    shutdown(client, SHUT_WR);
    usleep(200000);
    char bytes[8];
    read(accepted, bytes, 5);
    internet("one that sends no more", "/proc/net/tcp", client);
    internet("its other side", "/proc/net/tcp", accepted);

    int packets = socket(AF_INET, SOCK_DGRAM, 0);
    internet("fresh datagrams", "/proc/net/udp", packets);
    to.sin_port = 0;
    bind(packets, (struct sockaddr *)&to, sizeof to);
    internet("bound datagrams", "/proc/net/udp", packets);
    getsockname(packets, (struct sockaddr *)&to, &len);
    connect(packets, (struct sockaddr *)&to, sizeof to);
    internet("connected datagrams", "/proc/net/udp", packets);

    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int pair[2], listener = socket(AF_UNIX, SOCK_STREAM, 0), abstract = socket(AF_UNIX, SOCK_DGRAM, 0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    local("fresh", listener);
    bind(listener, (struct sockaddr *)&name, sizeof name);
    local("named", listener);
    listen(listener, 1);
    local("listening", listener);
    local("one of a pair", pair[0]);
    struct sockaddr_un nowhere = {.sun_family = AF_UNIX, .sun_path = "\0emu net_tables"};
    bind(abstract, (struct sockaddr *)&nowhere, sizeof(sa_family_t) + 8);
    local("abstract", abstract);
    unlink("socket");
    return 0;
}
