/* send(2), tcp(7): a byte of urgent data, beside the stream or in it. */
#include "../tasks.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    char text[16] = "";
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    bind(server, (void *)&address, size);
    listen(server, 1);
    getsockname(server, (void *)&address, &size);
    connect(client, (void *)&address, size);
    int other = accept(server, NULL, NULL);
    say("none", recv(other, text, 1, MSG_OOB));
    send(client, "ab", 2, 0);
    say("send", send(client, "!", 1, MSG_OOB));
    send(client, "cd", 2, 0);
    struct pollfd poll_fd = {other, POLLPRI, 0};
    say("poll", poll(&poll_fd, 1, -1));
    say("up to the mark", read(other, text, 15));
    puts(text);
    say("at it", sockatmark(other));
    say("MSG_OOB", recv(other, text, 15, MSG_OOB));
    printf("%c\n", text[0]);
    poll_fd.events = POLLIN;
    poll(&poll_fd, 1, -1);
    memset(text, 0, sizeof text);
    say("the rest", recv(other, text, 2, MSG_WAITALL));
    puts(text);
    return 0;
}
