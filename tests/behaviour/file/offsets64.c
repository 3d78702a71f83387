/* lseek(2), pwrite(2), pread(2), ftruncate(2): offsets beyond 4 GiB, in a file with holes. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    off_t far = 0x123456789ll;
    char text[8] = "";
    struct stat st;
    int fd = open("offsets64", O_RDWR | O_CREAT | O_TRUNC, 0644);
    say("pwrite", pwrite(fd, "far", 3, far));
    fstat(fd, &st);
    say("size", st.st_size);
    say("pread", pread(fd, text, 3, far));
    puts(text);
    say("pread across 4 GiB", pread(fd, text, 4, 0xfffffffell));
    printf("%d %d %d %d\n", text[0], text[1], text[2], text[3]);
    say("pread past the end", pread(fd, text, 4, far + 3));
    say("lseek END", lseek(fd, -1, SEEK_END));
    say("read", read(fd, text, 8));
    printf("%c\n", text[0]);
    say("lseek CUR", lseek(fd, 0x100000000ll, SEEK_CUR));
    say("write", write(fd, "x", 1));
    say("lseek SET", lseek(fd, 0x100000001ll, SEEK_SET));
    say("lseek before the start", lseek(fd, -0x200000000ll, SEEK_CUR));
    say("still at", lseek(fd, 0, SEEK_CUR));
    say("ftruncate", ftruncate(fd, 0x180000000ll));
    say("end", lseek(fd, 0, SEEK_END));
    say("ftruncate", ftruncate(fd, 5));
    say("end", lseek(fd, 0, SEEK_END));
    say("ftruncate to less than nothing", ftruncate(fd, -1));
    say("pread at less than nothing", pread(fd, text, 1, -1));
    say("truncate", truncate("offsets64", 0x100000002ll));
    stat("offsets64", &st);
    say("size", st.st_size);
    close(fd);
    say("unlink", unlink("offsets64"));
    return 0;
}
