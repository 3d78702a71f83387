/* What is moved through descriptors, and what they are open on. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void moved(void) {
    int s[2];
    char first[40], second[40];
    struct iovec out[3] = {{"abc", 3}, {"0123456789abcdefXYZ", 19}, {"", 0}}, in[2] = {{first, 4}, {second, 40}};
    struct iovec wrong[2] = {{"ab", 2}, {(void *)8, 4}};
    struct msghdr sent = {0, 0, out, 2}, received = {0, 0, in, 2};
    struct mmsghdr several[2] = {{sent}, {sent}}, more[2] = {{received}, {received}};
    socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
    writev(s[0], out, 3);
    readv(s[1], in, 2);
    sendmsg(s[0], &sent, 0);
    recvmsg(s[1], &received, 0);
    sendmmsg(s[0], several, 2, 0);
    recvmmsg(s[1], more, 2, 0, 0);
    send(s[0], "hel\tlo", 6, 0);
    recv(s[1], first, 40, 0);
    write(s[0], "", 0);
    read(s[1], first, 40);
    write(s[0], 0, 5);
    writev(s[0], wrong, 2);
}

static void named(void) {
    struct sockaddr_in place = {AF_INET, htons(4567), {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 everywhere = {AF_INET6, htons(4568)};
    struct sockaddr_un path = {AF_UNIX, "usock"}, hidden = {AF_UNIX, "\0abs"};
    char byte;
    int one = 1, pair[2];
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, 4);
    /* Otherwise it would wait for a client of somebody else's. */
    if (bind(listening, (void *)&place, sizeof place))
        _exit(4);
    listen(listening, 5);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    connect(client, (void *)&place, sizeof place);
    int server = accept(listening, 0, 0);
    write(client, "x", 1);
    read(server, &byte, 1);
    int six = socket(AF_INET6, SOCK_DGRAM, 0);
    bind(six, (void *)&everywhere, sizeof everywhere);
    write(six, "x", 1);
    int four = socket(AF_INET, SOCK_DGRAM, 0);
    connect(four, (void *)&place, sizeof place);
    write(four, "", 0);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    write(pair[0], "x", 1);
    int bound = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(bound, (void *)&path, sizeof path);
    listen(bound, 1);
    int outside = socket(AF_UNIX, SOCK_DGRAM, 0);
    bind(outside, (void *)&hidden, 6);
    close(outside);
    close(bound);
    int null = open("/dev/null", O_WRONLY);
    write(null, "x", 1);
    int gone = open("gone<1>", O_RDWR | O_CREAT, 0600);
    unlink("gone<1>");
    write(gone, "x", 1);
    int process = syscall(SYS_pidfd_open, getpid(), 0);
    close(process);
    close(eventfd(0, 0));
    int root = open("/", O_DIRECTORY);
    openat(root, "nothing", 0);
    access("nothing", 0);
    faccessat(AT_FDCWD, "nothing", 0, 0);
}

int main(void) {
    syscall(SYS_close_range, 3, ~0u, 0);
    moved();
    named();
    return 3;
}
