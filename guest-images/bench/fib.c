/* Calls and returns: fib(36) by recursion (argv[1]: another number). */
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static unsigned fib(unsigned n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv)
{
    printf("%u\n", fib(argc > 1 ? atoi(argv[1]) : 36));
    return 0;
}
