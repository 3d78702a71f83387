/* readv(2), writev(2), preadv(2), pwritev(2): several buffers at once, filled in order. */
#include "../say.h"
#include <sys/uio.h>

int main(void)
{
    char a[4] = "", b[1], c[16] = "";
    struct iovec out[] = {{"one ", 4}, {NULL, 0}, {"two ", 4}, {"three", 5}};
    struct iovec in[] = {{a, 3}, {b, 1}, {c, 15}};
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    say("writev", writev(fd, out, 4));
    lseek(fd, 0, SEEK_SET);
    say("readv", readv(fd, in, 3));
    printf("[%s] [%c] [%s]\n", a, b[0], c);
    say("readv at the end", readv(fd, in, 3));
    say("pwritev", pwritev(fd, out, 3, 20));
    say("preadv", preadv(fd, in, 2, 21));
    printf("[%s] [%c]\n", a, b[0]);
    say("offset", lseek(fd, 0, SEEK_CUR));
    volatile int none = 0, less = -1, many = 1025;
    say("no buffers", readv(fd, in, none));
    say("less than no buffers", readv(fd, in, less));
    say("too many buffers", readv(fd, in, many));
    struct iovec bad[] = {{"ok", 2}, {(void *)8, 4}};
    say("the second can't be read", writev(fd, bad, 2));
    say("the first can't", writev(fd, bad + 1, 1));
    close(fd);
    unlink("file");
    return 0;
}
