/* close_range(2): closes many descriptors, or marks them for execve. */
#include "../tasks.h"

#ifndef SYS_close_range
#error close_range is not known
#endif

static void tell(const char *what)
{
    printf("%s:", what);
    for (int fd = 40; fd < 46; fd++)
        printf(" %d", fcntl(fd, F_GETFD));
    puts("");
}

int main(void)
{
    for (int fd = 40; fd < 46; fd++)
        dup2(1, fd);
    tell("open");
    say("CLOSE_RANGE_CLOEXEC", syscall(SYS_close_range, 41, 42, 4));
    tell("marked");
    say("close", syscall(SYS_close_range, 42, 44, 0));
    tell("closed");
    say("none there", syscall(SYS_close_range, 42, 44, 0));
    say("first after last", syscall(SYS_close_range, 44, 43, 0));
    say("a flag that isn't one", syscall(SYS_close_range, 44, 45, 64));
    say("all from 41", syscall(SYS_close_range, 41, ~0u, 0));
    tell("closed");
    return 0;
}
