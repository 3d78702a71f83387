/* malloc(3): 64 MB, every page of it touched, grown by realloc(3), and a checksum. */
#include "../say.h"
#include <stdint.h>

int main(void)
{
    size_t size = 64 << 20;
    unsigned char *block = malloc(size);
    check("malloc", block != NULL);
    for (size_t i = 0; i < size; i += 4096)
        block[i] = i / 4096 * 7;
    block = realloc(block, size + (16 << 20));
    check("realloc", block != NULL);
    memset(block + size, 0xa5, 16 << 20);
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < size + (16 << 20); i += 512)
        sum = (sum ^ (i % 4096 == 0 || i >= size ? block[i] : 0)) * 16777619u;
    printf("checksum %08x\n", sum);
    free(block);

    void *small[1000];
    for (int i = 0; i < 1000; i++)
        small[i] = memset(malloc(i * 37 % 5000 + 1), i, i * 37 % 5000 + 1);
    sum = 0;
    for (int i = 0; i < 1000; i++) {
        sum += ((unsigned char *)small[i])[i * 37 % 5000];
        if (i % 3)
            free(small[i]);
    }
    unsigned char *zeroed = calloc(1000, 1000);
    for (int i = 0; i < 1000000; i++)
        sum += zeroed[i];
    printf("sum %u\n", sum);
    return 0;
}
