/* madvise(2): MADV_DONTNEED gives back zeroes for anonymous memory, and the file again for a private mapping. */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    put("file", "from the file");
    int fd = open("file", O_RDONLY);
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *file = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    memset(map, 'x', 8192);
    memset(file, 'x', 4);
    say("MADV_DONTNEED", madvise(map, 4096, MADV_DONTNEED));
    printf("%d %c\n", map[0], map[4096]);
    map[1] = 'y';
    say("MADV_DONTNEED", madvise(file, 4096, MADV_DONTNEED));
    printf("%s\n", file);
    say("MADV_NORMAL", madvise(map, 8192, MADV_NORMAL));
    say("MADV_WILLNEED", madvise(map, 8192, MADV_WILLNEED));
    printf("%d %c\n", map[1], map[4096]);
    say("inside a page", madvise(map + 1, 4096, MADV_DONTNEED));
    say("no such advice", madvise(map, 4096, 9999));
    munmap(map + 4096, 4096);
    say("unmapped", madvise(map, 8192, MADV_DONTNEED));
    unlink("file");
    return 0;
}
