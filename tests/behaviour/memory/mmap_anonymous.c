/* mmap(2): anonymous memory is zero, private or shared, and goes with munmap(2). */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    char *map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check("mapped at a page", map != MAP_FAILED && (unsigned long)map % 4096 == 0);
    int sum = 0;
    for (int i = 0; i < 1 << 20; i++)
        sum |= map[i];
    say("all zero", sum);
    memset(map, 1, 1 << 20);
    say("munmap", munmap(map, 1 << 20));
    map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sum = 0;
    for (int i = 0; i < 1 << 20; i++)
        sum |= map[i];
    say("all zero", sum);
    say("munmap", munmap(map, 1 << 20));
    say("munmap of nothing", munmap(map, 1 << 20));
    say("munmap inside a page", munmap(map + 1, 4096));
    say("munmap of no length", munmap(map, 0));
    char *reserved = mmap(NULL, 256 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    check("256 MB reserved", reserved != MAP_FAILED);
    say("4 KB of them made usable", mprotect(reserved + (128 << 20), 4096, PROT_READ | PROT_WRITE));
    reserved[128 << 20] = 1;
    say("munmap", munmap(reserved, 256 << 20));
    return 0;
}
