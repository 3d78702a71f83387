/* open(2): O_APPEND moves to the end before each write, whatever the offset is. */
#include "../say.h"

int main(void)
{
    put("file", "one");
    int fd = open("file", O_RDWR | O_APPEND);
    say("offset", lseek(fd, 0, SEEK_CUR));
    say("write", write(fd, "two", 3));
    say("offset", lseek(fd, 0, SEEK_CUR));
    say("lseek", lseek(fd, 1, SEEK_SET));
    say("write", write(fd, "three", 5));
    say("offset", lseek(fd, 0, SEEK_CUR));
    show("file");
    int other = open("file", O_WRONLY);
    say("other's offset", lseek(other, 0, SEEK_CUR));
    say("other writes", write(other, "ONE", 3));
    say("write", write(fd, "four", 4));
    show("file");
    close(fd);
    close(other);
    unlink("file");
    return 0;
}
