/* A million system calls of the cheapest kind (argv[1]: how many). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    long calls = argc > 1 ? atol(argv[1]) : 1000000, differing = 0, first = syscall(SYS_getppid);
    for (long i = 1; i < calls; i++)
        differing += syscall(SYS_getppid) != first;
    printf("%ld calls, %ld differing\n", calls, differing);
    return differing != 0;
}
