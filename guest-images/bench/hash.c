/* Registers only: 100,000,000 steps of xorshift and FNV (argv[1]: another number). */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    uint32_t steps = argc > 1 ? atoi(argv[1]) : 100000000, x = 2463534242u, hash = 2166136261u;
    for (uint32_t i = 0; i < steps; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        hash = (hash ^ (x & 255)) * 16777619u;
    }
    printf("%08x\n", hash);
    return 0;
}
