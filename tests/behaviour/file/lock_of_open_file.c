/* fcntl(2): F_OFD_SETLK: record locks that belong to the open file, not to the process. */
#include "../tasks.h"

static int lock(int fd, int type, off_t start, off_t length)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, F_OFD_SETLK, &lock);
}

int main(void)
{
    put("file", "0123456789");
    int first = open("file", O_RDWR), second = open("file", O_RDWR), copy = dup(first);
    say("first 0+5", lock(first, F_WRLCK, 0, 5));
    say("second 4+2, of the same process", lock(second, F_WRLCK, 4, 2));
    say("a copy of the first", lock(copy, F_WRLCK, 3, 4));
    struct flock asked = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    say("F_OFD_GETLK", fcntl(second, F_OFD_GETLK, &asked));
    printf("%lld+%lld, pid %d\n", (long long)asked.l_start, (long long)asked.l_len, (int)asked.l_pid);
    close(copy);
    say("kept after a copy's close", lock(second, F_RDLCK, 0, 1));
    pid_t pid = fork();
    if (pid == 0) {
        say("inherited", lock(first, F_UNLCK, 0, 0));
        return 0;
    }
    reap("child", pid);
    say("unlocked by the child", lock(second, F_WRLCK, 0, 10));
    struct flock wrong = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_pid = 1};
    say("l_pid must be 0", fcntl(first, F_OFD_SETLK, &wrong));
    unlink("file");
    return 0;
}
