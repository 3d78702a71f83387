/* mmap(2): shared mappings of a file are one memory, with read(2) and write(2) as well. */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    ftruncate(fd, 8192);
    char *one = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *two = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
    check("mapped", one != MAP_FAILED && two != MAP_FAILED && one != two);
    strcpy(one + 4096, "written in one");
    printf("%s\n", two);
    pwrite(fd, "by write", 8, 4096);
    printf("%s\n%s\n", one + 4096, two);
    strcpy(two, "in two");
    char text[16] = "";
    say("pread", pread(fd, text, 7, 4096));
    printf("%s\n", text);
    say("msync", msync(one, 8192, MS_SYNC));
    munmap(one, 8192);
    munmap(two, 4096);
    say("pread", pread(fd, text, 7, 4096));
    printf("%s\n", text);
    say("size", lseek(fd, 0, SEEK_END));
    close(fd);
    unlink("file");
    return 0;
}
