/* Stores all over 20 MB: the primes below 20,000,000 (argv[1]: another bound). */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    unsigned size = argc > 1 ? atoi(argv[1]) : 20000000, primes = 0;
    unsigned char *composite = calloc(size, 1);
    for (unsigned i = 2; i < size; i++) {
        if (composite[i])
            continue;
        primes++;
        if (i < 65536 && i * i < size)
            for (unsigned j = i * i; j < size; j += i)
                composite[j] = 1;
    }
    printf("%u\n", primes);
    return 0;
}
