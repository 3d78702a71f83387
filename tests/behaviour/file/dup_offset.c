/* dup(2), dup2(2): two descriptors share one offset; another open(2) has its own. */
#include "../say.h"

int main(void)
{
    char text[4] = "";
    put("file", "abcdefgh");
    int fd = open("file", O_RDONLY), copy = dup(fd), other = open("file", O_RDONLY);
    check("the lowest free number", copy == fd + 1 && other == fd + 2);
    say("read", read(fd, text, 3));
    say("copy's offset", lseek(copy, 0, SEEK_CUR));
    say("other's offset", lseek(other, 0, SEEK_CUR));
    close(fd);
    say("read through the copy", read(copy, text, 3));
    puts(text);
    say("dup2", dup2(copy, 50));
    say("onto itself", dup2(copy, copy) - copy);
    say("offset of 50", lseek(50, 0, SEEK_CUR));
    say("over one that is open", dup2(other, 50));
    say("offset of 50", lseek(50, 0, SEEK_CUR));
    say("from one that isn't", dup2(999, 50));
    say("onto itself, not open", dup2(999, 999));
    say("to less than nothing", dup2(copy, -1));
    say("50 is still open", lseek(50, 0, SEEK_CUR));
    say("close", close(50));
    say("again", close(50));
    unlink("file");
    return 0;
}
