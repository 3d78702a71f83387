/* udp(7): datagrams over 127.0.0.1, with their borders and their senders. */
#include "../tasks.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in first = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, second = first, from;
    socklen_t size = sizeof first;
    char text[32] = "";
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0), held;
    bind(a, (void *)&first, size);
    bind(b, (void *)&second, size);
    getsockname(a, (void *)&first, &size);
    getsockname(b, (void *)&second, &size);
    say("sendto", sendto(a, "one", 3, 0, (void *)&second, size));
    say("sendto", sendto(a, "second", 6, 0, (void *)&second, size));
    say("of nothing", sendto(a, "", 0, 0, (void *)&second, size));
    say("FIONREAD", ioctl(b, FIONREAD, &held));
    say("the first's size", held);
    say("recvfrom", recvfrom(b, text, 31, 0, (void *)&from, &size));
    printf("\"%s\" from %s\n", text, inet_ntoa(from.sin_addr));
    check("its port", from.sin_port == first.sin_port);
    say("cut", recv(b, text, 3, 0));
    say("of nothing", recv(b, text, 31, 0));
    say("no more", recv(b, text, 31, MSG_DONTWAIT));
    sendto(a, "answer me", 9, 0, (void *)&second, size);
    pid_t pid = fork();
    if (pid == 0) {
        recvfrom(b, text, 31, 0, (void *)&from, &size);
        return sendto(b, "answered", 8, 0, (void *)&from, size) != 8;
    }
    memset(text, 0, sizeof text);
    say("recv", recv(a, text, 31, 0));
    puts(text);
    reap("child", pid);
    static char large[70000];
    say("too large", sendto(a, large, sizeof large, 0, (void *)&second, size));
    say("60000", sendto(a, large, 60000, 0, (void *)&second, size));
    say("recv", recv(b, large, sizeof large, 0));
    say("to nobody in particular", send(a, "x", 1, 0));
    second.sin_port = 0;
    say("to port 0", sendto(a, "x", 1, 0, (void *)&second, size));
    return 0;
}
