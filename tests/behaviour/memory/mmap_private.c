/* mmap(2): a private mapping of a file; what is written to it doesn't reach the file. */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    put("file", "text of the file");
    int fd = open("file", O_RDWR);
    char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    check("mapped", map != MAP_FAILED);
    printf("%s\n", map);
    say("zero behind the end", map[16] + map[4095]);
    memcpy(map, "TEXT", 4);
    printf("%s\n", map);
    show("file");
    close(fd);
    printf("%s\n", map);
    say("munmap", munmap(map, 4096));
    fd = open("file", O_RDONLY);
    map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    check("writable of a reader", map != MAP_FAILED);
    map[0] = 'x';
    check("shared and writable of a reader", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EACCES);
    check("offset inside a page", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 12) == MAP_FAILED && errno == EINVAL);
    check("no length", mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EINVAL);
    check("neither private nor shared", mmap(NULL, 4096, PROT_READ, 0, fd, 0) == MAP_FAILED && errno == EINVAL);
    check("no file", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 999, 0) == MAP_FAILED && errno == EBADF);
    unlink("file");
    return 0;
}
