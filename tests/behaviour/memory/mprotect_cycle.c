/* mprotect(2): memory made unreadable, read-only, and writable again, as the kernel itself sees it. */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    char *map = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(map + 4096, "kept");
    say("write from it", write(fd, map + 4096, 4));
    say("PROT_NONE", mprotect(map + 4096, 4096, PROT_NONE));
    say("write from it", write(fd, map + 4096, 4));
    say("write up to it", pwrite(fd, map + 4094, 2, 0));
    say("PROT_READ", mprotect(map + 4096, 4096, PROT_READ));
    say("write from it", write(fd, map + 4096, 4));
    say("read into it", pread(fd, map + 4096, 4, 0));
    say("PROT_READ|PROT_WRITE", mprotect(map + 4096, 4096, PROT_READ | PROT_WRITE));
    say("read into it", pread(fd, map + 4096, 2, 4));
    printf("%.4s\n", map + 4096);
    map[4096] = 'K';
    say("inside a page", mprotect(map + 1, 4096, PROT_READ));
    say("no length", mprotect(map, 0, PROT_READ));
    munmap(map + 8192, 4096);
    say("partly unmapped", mprotect(map, 3 * 4096, PROT_READ));
    say("a flag that isn't one", mprotect(map, 4096, 0x1000));
    printf("%.4s\n", map + 4096);
    unlink("file");
    return 0;
}
