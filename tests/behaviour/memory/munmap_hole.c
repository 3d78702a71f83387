/* munmap(2): a hole in the middle of a mapping; both sides stay. */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    char *map = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(map, 'm', 5 * 4096);
    say("munmap", munmap(map + 2 * 4096, 4096));
    say("write from before the hole", write(fd, map + 4096, 4096));
    say("write from the hole", write(fd, map + 2 * 4096, 1));
    say("write from behind it", write(fd, map + 3 * 4096, 4096));
    say("read into the hole", pread(fd, map + 2 * 4096, 1, 0));
    printf("%c %c\n", map[2 * 4096 - 1], map[3 * 4096]);
    unsigned char resident[2];
    say("mincore over it", mincore(map + 4096, 8192, resident));
    say("munmap over it", munmap(map + 4096, 3 * 4096));
    printf("%c %c\n", map[4095], map[4 * 4096]);
    unlink("file");
    return 0;
}
