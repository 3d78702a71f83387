/* listen(2): connections wait to be accepted, in their order; bytes may be sent before. */
#include "../tasks.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0), clients[5];
    bind(server, (void *)&address, size);
    listen(server, 8);
    getsockname(server, (void *)&address, &size);
    struct pollfd poll_fd = {server, POLLIN, 0};
    say("poll", poll(&poll_fd, 1, 0));
    for (int i = 0; i < 5; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM, 0);
        say("connect", connect(clients[i], (void *)&address, size));
        dprintf(clients[i], "from %d", i);
    }
    close(clients[2]);
    for (int i = 0; i < 5; i++) {
        char text[16] = "";
        poll(&poll_fd, 1, -1);
        int fd = accept(server, NULL, NULL);
        read(fd, text, 15);
        puts(text);
        close(fd);
    }
    say("poll", poll(&poll_fd, 1, 0));
    pid_t pid = fork();
    if (pid == 0) {
        int fd = accept(server, NULL, NULL);
        write(fd, "late", 4);
        return 0;
    }
    char text[16] = "";
    int client = socket(AF_INET, SOCK_STREAM, 0);
    connect(client, (void *)&address, size);
    say("read", read(client, text, 15));
    puts(text);
    reap("child", pid);
    return 0;
}
