/* execve(2): descriptors stay open with their offsets, but for those with FD_CLOEXEC. */
#include "../tasks.h"

int main(int argc, char **argv)
{
    if (argc > 1) {
        char text[4] = "";
        say("kept", fcntl(40, F_GETFD));
        say("offset", lseek(40, 0, SEEK_CUR));
        say("read", read(40, text, 3));
        puts(text);
        say("closed", fcntl(41, F_GETFD));
        say("a copy without the flag", fcntl(42, F_GETFD));
        say("a pipe's end", write(44, "x", 1));
        say("the other, closed", fcntl(43, F_GETFD));
        say("flag taken away", fcntl(45, F_GETFD));
        return 0;
    }
    put("file", "abcdefgh");
    int fd = open("file", O_RDONLY), fds[2];
    read(fd, fds, 2);
    dup2(fd, 40);
    dup3(fd, 41, O_CLOEXEC);
    fcntl(41, F_DUPFD, 42);
    pipe(fds);
    dup3(fds[0], 43, O_CLOEXEC);
    dup2(fds[1], 44);
    dup3(fd, 45, O_CLOEXEC);
    fcntl(45, F_SETFD, 0);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "second", "run", NULL);
        _exit(127);
    }
    reap("child", pid);
    say("the offset is shared", lseek(fd, 0, SEEK_CUR));
    say("still open here", fcntl(41, F_GETFD));
    unlink("file");
    return 0;
}
