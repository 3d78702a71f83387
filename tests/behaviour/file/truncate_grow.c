/* truncate(2), ftruncate(2): a file cut, and grown with zeroes; the offset stays. */
#include "../say.h"

int main(void)
{
    char text[12];
    put("file", "0123456789");
    int fd = open("file", O_RDWR);
    say("lseek", lseek(fd, 8, SEEK_SET));
    say("cut", ftruncate(fd, 4));
    say("offset", lseek(fd, 0, SEEK_CUR));
    say("read", read(fd, text, 4));
    say("grow", ftruncate(fd, 10));
    say("pread", pread(fd, text, sizeof text, 0));
    for (int i = 0; i < 10; i++)
        printf("%d ", text[i]);
    puts("");
    say("write", write(fd, "x", 1));
    say("size", lseek(fd, 0, SEEK_END));
    say("truncate", truncate("file", 2));
    show("file");
    say("less than nothing", truncate("file", -5));
    say("a directory", truncate(".", 0));
    say("absent", truncate("absent", 0));
    int reader = open("file", O_RDONLY);
    say("through a reader", ftruncate(reader, 0));
    unlink("file");
    return 0;
}
