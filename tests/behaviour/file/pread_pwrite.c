/* pread(2), pwrite(2): at an offset, without moving the file's own. */
#include "../say.h"

int main(void)
{
    char text[8] = "";
    put("file", "abcdefgh");
    int fd = open("file", O_RDWR);
    say("lseek", lseek(fd, 3, SEEK_SET));
    say("pread", pread(fd, text, 2, 5));
    puts(text);
    say("pwrite", pwrite(fd, "XY", 2, 1));
    say("offset", lseek(fd, 0, SEEK_CUR));
    show("file");
    say("pwrite past the end", pwrite(fd, "end", 3, 12));
    say("size", lseek(fd, 0, SEEK_END));
    say("pread over the end", pread(fd, text, 8, 12));
    say("pread past the end", pread(fd, text, 8, 100));
    say("pread of nothing", pread(fd, text, 0, 0));
    int ends[2];
    pipe(ends);
    say("pread of a pipe", pread(ends[0], text, 1, 0));
    say("lseek of a pipe", lseek(ends[0], 0, SEEK_CUR));
    int appender = open("file", O_WRONLY | O_APPEND);
    say("pwrite with O_APPEND goes to the end", pwrite(appender, "!", 1, 0));
    say("size", lseek(fd, 0, SEEK_END));
    unlink("file");
    return 0;
}
