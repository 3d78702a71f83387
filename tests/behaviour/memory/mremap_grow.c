/* mremap(2): memory grown, moved where it must, and shrunk; its contents go with it. */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    char *map = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 8; i++)
        map[i * 4096] = 'a' + i;
    check("shrunk in place", mremap(map, 8 * 4096, 4 * 4096, 0) == map);
    check("grown in place, where it was", mremap(map, 4 * 4096, 6 * 4096, 0) == map);
    printf("%c %d\n", map[3 * 4096], map[4 * 4096]);
    mmap(map + 6 * 4096, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    check("no room", mremap(map, 6 * 4096, 7 * 4096, 0) == MAP_FAILED && errno == ENOMEM);
    char *moved = mremap(map, 6 * 4096, 100 * 4096, MREMAP_MAYMOVE);
    check("moved", moved != MAP_FAILED && moved != map);
    printf("%c %c %d %d\n", moved[0], moved[3 * 4096], moved[5 * 4096], moved[99 * 4096]);
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    say("the old place is gone", write(fd, map, 1));
    char *target = mmap(NULL, 100 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *fixed = mremap(moved, 100 * 4096, 100 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    check("to a given place", fixed == target && fixed[3 * 4096] == 'd');
    check("MREMAP_FIXED alone", mremap(fixed, 4096, 4096, MREMAP_FIXED, map) == MAP_FAILED && errno == EINVAL);
    check("of nothing", mremap(map, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT);
    check("to no length", mremap(fixed, 4096, 0, 0) == MAP_FAILED && errno == EINVAL);
    unlink("file");
    return 0;
}
