/* fcntl(2): F_SETFL changes some flags of an open file, for all its copies. */
#include "../tasks.h"

static void tell(const char *what, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    printf("%s:%s%s%s%s%s\n", what, flags & O_APPEND ? " APPEND" : "", flags & O_NONBLOCK ? " NONBLOCK" : "",
        (flags & O_SYNC) == O_SYNC ? " SYNC" : "", flags & O_NOATIME ? " NOATIME" : "",
        (flags & O_ACCMODE) == O_RDWR ? " RDWR" : (flags & O_ACCMODE) == O_WRONLY ? " WRONLY" : " RDONLY");
}

int main(void)
{
    int fd = open("file", O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0644), copy = dup(fd);
    tell("open", fd);
    say("F_SETFL", fcntl(fd, F_SETFL, O_NONBLOCK | O_NOATIME));
    tell("changed", fd);
    tell("and the copy", copy);
    say("what can't be changed", fcntl(fd, F_SETFL, O_WRONLY | O_CREAT | O_TRUNC | O_SYNC | O_EXCL));
    tell("unchanged", fd);
    tell("SYNC", open("file", O_WRONLY | O_SYNC));
    write(fd, "abc", 3);
    fcntl(copy, F_SETFL, O_APPEND);
    lseek(fd, 0, SEEK_SET);
    write(fd, "def", 3);
    show("file");
    pid_t pid = fork();
    if (pid == 0) {
        fcntl(fd, F_SETFL, 0);
        return 0;
    }
    reap("child", pid);
    tell("changed by a child", fd);
    unlink("file");
    return 0;
}
