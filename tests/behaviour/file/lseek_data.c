/* lseek(2): SEEK_SET, SEEK_CUR, SEEK_END; SEEK_DATA and SEEK_HOLE as far as a file system knows. */
#include "../say.h"

int main(void)
{
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    pwrite(fd, "start", 5, 0);
    pwrite(fd, "end", 3, 1 << 20);
    say("SET", lseek(fd, 100, SEEK_SET));
    say("CUR", lseek(fd, -50, SEEK_CUR));
    say("END", lseek(fd, 10, SEEK_END));
    say("before the start", lseek(fd, -1, SEEK_SET));
    say("no such whence", lseek(fd, 0, 99));
    say("offset", lseek(fd, 0, SEEK_CUR));
    say("data from 0", lseek(fd, 0, SEEK_DATA));
    off_t hole = lseek(fd, 0, SEEK_HOLE);
    check("a hole, the one at the end at the latest", hole >= 5 && hole <= (1 << 20) + 3);
    off_t data = lseek(fd, 500000, SEEK_DATA);
    check("data from there on", data >= 500000 && data <= 1 << 20);
    say("data past the end", lseek(fd, (1 << 20) + 3, SEEK_DATA));
    say("hole past the end", lseek(fd, 2 << 20, SEEK_HOLE));
    close(fd);
    unlink("file");
    return 0;
}
