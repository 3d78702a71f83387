/* socketpair(2): a stream both ways, without borders; its end when the other closes. */
#include "../tasks.h"
#include <sys/socket.h>

int main(void)
{
    int fds[2];
    char text[32] = "";
    say("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    write(fds[0], "abc", 3);
    write(fds[0], "def", 3);
    say("read", read(fds[1], text, 31));
    puts(text);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        say("child reads", read(fds[1], text, 31));
        say("child writes", write(fds[1], "answer", 6));
        return 0;
    }
    close(fds[1]);
    write(fds[0], "question", 8);
    memset(text, 0, sizeof text);
    reap("child", pid);
    say("read", read(fds[0], text, 31));
    puts(text);
    say("the end", read(fds[0], text, 31));
    signal(SIGPIPE, SIG_IGN);
    say("write", write(fds[0], "x", 1));
    say("of no family", socketpair(99, SOCK_STREAM, 0, fds));
    say("of no type", socketpair(AF_UNIX, 77, 0, fds));
    say("of another family", socketpair(AF_INET, SOCK_STREAM, 0, fds));
    return 0;
}
