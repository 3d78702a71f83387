/* 10,000 times mmap, touch, munmap, beside argv[1] live mappings (default 10; argv[2]: how many times). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
    int live = argc > 1 ? atoi(argv[1]) : 10, rounds = argc > 2 ? atoi(argv[2]) : 10000;
    for (int i = 0; i < live; i++) {
        /* Every other one may not be written, so that the kernel can't merge neighbours. */
        char *map = mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (map == MAP_FAILED)
            return perror("mmap"), 1;
        if (i % 2 == 0)
            *map = 1;
    }
    for (int i = 0; i < rounds; i++) {
        char *map = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (map == MAP_FAILED)
            return perror("mmap"), 1;
        map[4096] = 1;
        if (munmap(map, 65536))
            return perror("munmap"), 1;
    }
    printf("%d rounds beside %d mappings\n", rounds, live);
    return 0;
}
