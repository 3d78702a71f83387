/* lseek(2): SEEK_DATA and SEEK_HOLE: what was never written is read as zeroes. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    enum { step = 65536 };
    char byte = 1;
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    ftruncate(fd, 4 * step);
    say("no data", lseek(fd, 0, SEEK_DATA));
    say("a hole at once", lseek(fd, 0, SEEK_HOLE));
    char page[4096];
    memset(page, 'x', sizeof page);
    pwrite(fd, page, sizeof page, 2 * step);
    say("SEEK_DATA", lseek(fd, 0, SEEK_DATA));
    say("from within", lseek(fd, 2 * step + 5, SEEK_DATA));
    say("SEEK_HOLE", lseek(fd, 2 * step, SEEK_HOLE));
    say("no more data", lseek(fd, 3 * step, SEEK_DATA));
    pread(fd, &byte, 1, step);
    say("zero", byte);
    say("beyond the end", lseek(fd, 4 * step, SEEK_HOLE));
    say("below 0", lseek(fd, -1, SEEK_DATA));
    struct stat st;
    fstat(fd, &st);
    say("size", st.st_size);
    check("fewer blocks than that", st.st_blocks * 512LL < 2 * step);
    unlink("file");
    return 0;
}
