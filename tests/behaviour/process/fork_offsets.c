/* fork(2): descriptors are copies: they share offset and flags with the parent's, closing is each one's own. */
#include "../tasks.h"

int main(void)
{
    put("file", "abcdefghij");
    int fd = open("file", O_RDONLY), late;
    pid_t pid = fork();
    if (pid == 0) {
        char text[4] = "";
        read(fd, text, 3);
        printf("child reads %s\n", text);
        fcntl(fd, F_SETFL, O_APPEND);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        close(1);
        dup2(fd, 50);
        return close(fd);
    }
    reap("child", pid);
    say("offset", lseek(fd, 0, SEEK_CUR));
    say("O_APPEND", (fcntl(fd, F_GETFL) & O_APPEND) != 0);
    say("FD_CLOEXEC is not shared", fcntl(fd, F_GETFD));
    say("what the child opened", fcntl(50, F_GETFD));
    late = open("file", O_RDONLY);
    pid = fork();
    if (pid == 0) {
        lseek(late, 7, SEEK_SET);
        return 0;
    }
    reap("child", pid);
    say("moved by the child", lseek(late, 0, SEEK_CUR));
    unlink("file");
    return 0;
}
