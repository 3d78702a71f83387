/* fallocate(2): FALLOC_FL_PUNCH_HOLE makes zeroes, and leaves the size. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    static char text[16384], back[16384];
    memset(text, 'x', sizeof text);
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    write(fd, text, sizeof text);
    say("punch", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096));
    pread(fd, back, sizeof back, 0);
    printf("%d %d %d %d\n", back[4095], back[4096], back[8191], back[8192]);
    say("not by pages", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 9000, 10));
    pread(fd, back, sizeof back, 0);
    printf("%d %d %d %d\n", back[8999], back[9000], back[9009], back[9010]);
    say("beyond the end", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 16000, 100000));
    struct stat st;
    fstat(fd, &st);
    say("size", st.st_size);
    pread(fd, back, sizeof back, 0);
    printf("%d %d\n", back[15999], back[16000]);
    say("without KEEP_SIZE", fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096));
    say("of nothing", fallocate(fd, 0, 0, 0));
    say("below 0", fallocate(fd, 0, -1, 10));
    say("of a reader", fallocate(open("file", O_RDONLY), 0, 0, 10));
    int fds[2];
    pipe(fds);
    say("of a pipe", fallocate(fds[1], 0, 0, 10));
    unlink("file");
    return 0;
}
