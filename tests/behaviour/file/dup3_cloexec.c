/* dup3(2), fcntl(2): O_CLOEXEC belongs to a descriptor, not to the open file. */
#include "../say.h"

int main(void)
{
    put("file", "");
    int fd = open("file", O_RDONLY | O_CLOEXEC);
    say("FD_CLOEXEC of open", fcntl(fd, F_GETFD));
    say("dup", fcntl(dup(fd), F_GETFD));
    dup3(fd, 40, O_CLOEXEC);
    say("dup3 with O_CLOEXEC", fcntl(40, F_GETFD));
    dup3(fd, 41, 0);
    say("dup3 without", fcntl(41, F_GETFD));
    say("onto itself", dup3(fd, fd, 0));
    say("a flag that isn't one", dup3(fd, 42, O_APPEND));
    say("clear", fcntl(40, F_SETFD, 0));
    say("cleared", fcntl(40, F_GETFD));
    say("fd's own stays", fcntl(fd, F_GETFD));
    say("of none", fcntl(999, F_GETFD));
    unlink("file");
    return 0;
}
