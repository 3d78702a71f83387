/* mmap(2), msync(2): what is written by a shared mapping is read by read(2), and the other way round. */
#include "../tasks.h"
#include <sys/mman.h>

int main(void)
{
    char text[16] = "";
    put("file", "abcdefghij");
    int fd = open("file", O_RDWR);
    char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    map[0] = 'A';
    pread(fd, text, 10, 0);
    puts(text);
    pwrite(fd, "XYZ", 3, 3);
    printf("%.10s\n", map);
    map[12] = '!';
    say("beyond the end, not written", lseek(fd, 0, SEEK_END));
    pwrite(fd, "kl", 2, 10);
    printf("%.12s\n", map);
    say("MS_SYNC", msync(map, 4096, MS_SYNC));
    say("MS_ASYNC", msync(map, 4096, MS_ASYNC));
    say("both", msync(map, 4096, MS_SYNC | MS_ASYNC));
    say("not at a page", msync(map + 1, 10, MS_SYNC));
    close(fd);
    map[1] = 'B';
    show("file");
    munmap(map, 4096);
    say("unmapped", msync(map, 4096, MS_SYNC));
    fd = open("file", O_RDONLY);
    check("to write of a reader", mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EACCES);
    check("private", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) != MAP_FAILED);
    unlink("file");
    return 0;
}
