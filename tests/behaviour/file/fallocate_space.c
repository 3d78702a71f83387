/* fallocate(2), posix_fallocate(3): space beforehand; the file grows or keeps its size. */
#include "../say.h"

int main(void)
{
    put("file", "text");
    int fd = open("file", O_RDWR);
    say("posix_fallocate", posix_fallocate(fd, 0, 1000));
    say("size", lseek(fd, 0, SEEK_END));
    say("posix_fallocate inside", posix_fallocate(fd, 10, 20));
    say("size", lseek(fd, 0, SEEK_END));
    char text[8] = "";
    pread(fd, text, 6, 0);
    printf("%s %d\n", text, text[5]);
    say("no length", fallocate(fd, 0, 0, 0));
    say("less than nothing", fallocate(fd, 0, -1, 10));
    int reader = open("file", O_RDONLY);
    say("a reader", fallocate(reader, 0, 0, 10));
    say("no descriptor", fallocate(999, 0, 0, 10));
    unlink("file");
    return 0;
}
