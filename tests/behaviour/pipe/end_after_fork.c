/* pipe(7), fork(2): a pipe's end comes when every copy of the writing end is closed, in all processes. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    char byte;
    struct gate go = new_gate();
    pipe2(fds, O_NONBLOCK);
    pid_t pid = fork();
    if (pid == 0) {
        pass(go);
        close(fds[1]);
        open_gate(go);
        sleep_ms(1);
        return 0;
    }
    int copy = dup(fds[1]);
    close(fds[1]);
    say("a copy and a child's", read(fds[0], &byte, 1));
    close(copy);
    say("a child's", read(fds[0], &byte, 1));
    open_gate(go);
    reap("child", pid);
    say("none", read(fds[0], &byte, 1));
    say("still none", read(fds[0], &byte, 1));
    close(fds[0]);
    pipe(fds);
    pid = fork();
    if (pid == 0) {
        char text[8] = "";
        close(fds[1]);
        say("child reads", read(fds[0], text, 7));
        puts(text);
        say("and the end", read(fds[0], text, 7));
        return 0;
    }
    write(fds[1], "text", 4);
    close(fds[1]);
    reap("child", pid);
    return 0;
}
