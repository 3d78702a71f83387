/* fib in a child, for which its parent waits; after a hundred bytes from one to the other. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) static long fib(long n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv)
{
    int ends[2], status;
    char byte = 0;
    if (pipe(ends))
        return perror("pipe"), 1;
    pid_t child = fork();
    if (child < 0)
        return perror("fork"), 1;
    if (child == 0) {
        for (int i = 0; i < 100; i++)
            if (write(ends[1], &byte, 1) != 1)
                _exit(1);
        printf("fib = %ld\n", fib(argc > 1 ? atol(argv[1]) : 36));
        return 0;
    }
    for (int i = 0; i < 100; i++)
        if (read(ends[0], &byte, 1) != 1)
            return perror("read"), 1;
    return waitpid(child, &status, 0) != child || status != 0;
}
