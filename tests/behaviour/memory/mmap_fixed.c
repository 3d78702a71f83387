/* mmap(2): MAP_FIXED replaces what was there, MAP_FIXED_NOREPLACE doesn't, a hint is taken when it is free. */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    char *map = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(map, 'a', 5 * 4096);
    char *inner = mmap(map + 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    check("there", inner == map + 4096);
    printf("%d %d %d\n", map[4095], map[4096], map[8192]);
    check("inside a page", mmap(map + 100, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED && errno == EINVAL);
    void *taken = mmap(map, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    check("not replaced", taken == MAP_FAILED && errno == EEXIST && map[0] == 'a');
    munmap(map + 8192, 8192);
    check("a free hint is taken", mmap(map + 8192, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == map + 8192);
    void *placed = mmap(map + 3 * 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    check("free, so there", placed == map + 3 * 4096);
    void *other = mmap(map, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check("a hint in use is not", other != MAP_FAILED && other != map);
    printf("%d %d\n", map[0], map[4 * 4096]);
    return 0;
}
