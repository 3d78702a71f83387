/* read(2), write(2): counts of nothing, short reads at the end, holes, and buffers that end at a page. */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(map + 4096, 4096);
    put("file", "0123456789");
    int fd = open("file", O_RDWR);
    say("read of nothing", read(fd, map, 0));
    say("write of nothing", write(fd, map, 0));
    say("up to the page's end", read(fd, map + 4096 - 4, 4));
    printf("%.4s\n", map + 4096 - 4);
    int got = read(fd, map + 4096 - 4, 6);
    check("over it: what fits, or EFAULT", got == 4 || (got == -1 && errno == EFAULT));
    lseek(fd, 0, SEEK_SET);
    say("write up to it", write(fd, map + 4096 - 4, 4));
    int written = write(fd, map + 4096 - 4, 100);
    check("write over it: what fits, or EFAULT", written == 4 || (written == -1 && errno == EFAULT));
    lseek(fd, 0, SEEK_SET);
    say("more than there is", read(fd, map, 4000) > 9);
    say("at the end", read(fd, map, 4000));
    lseek(fd, 50000, SEEK_SET);
    say("past the end", read(fd, map, 10));
    say("a hole is made", write(fd, "z", 1));
    lseek(fd, 49990, SEEK_SET);
    say("and read", read(fd, map, 4000));
    say("zeroes, then z", map[0] + map[9] + map[10]);
    unlink("file");
    return 0;
}
