/* tcp(7): a server and three clients, each a process, over 127.0.0.1. */
#include "../tasks.h"
#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    say("bind", bind(server, (void *)&address, sizeof address));
    say("listen", listen(server, 10));
    say("getsockname", getsockname(server, (void *)&address, &size));
    check("a port", ntohs(address.sin_port) >= 1024);
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 3; i++) {
            int fd = accept(server, NULL, NULL);
            if (fork() == 0) {
                char byte;
                while (read(fd, &byte, 1) == 1) {
                    byte = byte >= 'a' && byte <= 'z' ? byte - 32 : byte;
                    write(fd, &byte, 1);
                }
                _exit(0);
            }
            close(fd);
        }
        int status, sum = 0;
        while (wait(&status) > 0)
            sum += status;
        return sum;
    }
    close(server);
    for (int i = 0; i < 3; i++) {
        pid_t client = fork();
        if (client == 0) {
            char line[32], answer[32] = "";
            int fd = socket(AF_INET, SOCK_STREAM, 0);
            if (connect(fd, (void *)&address, size))
                say("connect", -1);
            int length = snprintf(line, sizeof line, "client number %d", i);
            write(fd, line, length);
            shutdown(fd, SHUT_WR);
            say("recv", recv(fd, answer, length, MSG_WAITALL));
            puts(answer);
            say("the end", read(fd, line, 1));
            return 0;
        }
        reap("client", client);
    }
    reap("server", pid);
    return 0;
}
