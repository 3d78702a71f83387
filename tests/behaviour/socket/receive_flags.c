/* recv(2): MSG_PEEK leaves, MSG_WAITALL waits for all, MSG_DONTWAIT for nothing. */
#include "../tasks.h"
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(void)
{
    int fds[2], held = -1;
    char text[16] = "";
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    say("MSG_DONTWAIT", recv(fds[0], text, 15, MSG_DONTWAIT));
    send(fds[1], "abcdef", 6, 0);
    say("MSG_PEEK", recv(fds[0], text, 3, MSG_PEEK));
    puts(text);
    say("FIONREAD", ioctl(fds[0], FIONREAD, &held));
    say("held", held);
    say("recv", recv(fds[0], text, 4, 0));
    puts(text);
    pid_t pid = fork();
    if (pid == 0) {
        sleep_ms(2);
        send(fds[1], "ghi", 3, 0);
        sleep_ms(2);
        send(fds[1], "jklm", 4, 0);
        return 0;
    }
    memset(text, 0, sizeof text);
    say("MSG_WAITALL", recv(fds[0], text, 8, MSG_WAITALL));
    puts(text);
    reap("child", pid);
    close(fds[1]);
    say("the rest, MSG_WAITALL", recv(fds[0], text, 8, MSG_WAITALL));
    say("the end", recv(fds[0], text, 8, MSG_WAITALL));
    say("MSG_PEEK at the end", recv(fds[0], text, 8, MSG_PEEK));
    return 0;
}
