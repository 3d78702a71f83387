/* A program with 10 MB of its own makes argv[1] children (default 1,000), which all live at the same time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned char memory[10 << 20];

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1000, ends[2], ready[2], status, failed = 0;
    char byte = 0;
    memset(memory, 1, sizeof memory);
    if (pipe(ends) || pipe(ready))
        return perror("pipe"), 1;
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child < 0)
            return perror("fork"), 1;
        if (child == 0) {
            close(ends[1]);
            /* A page that is not its parent's any more. */
            memory[i * 4096 % sizeof memory] = 2;
            if (write(ready[1], &byte, 1) != 1)
                _exit(1);
            _exit(read(ends[0], &byte, 1) != 0);
        }
    }
    for (int i = 0; i < count; i++)
        if (read(ready[0], &byte, 1) != 1)
            return perror("read"), 1;
    close(ends[1]);
    for (int i = 0; i < count; i++)
        failed += wait(&status) < 0 || status != 0;
    printf("%d children, %d failed\n", count, failed);
    return failed != 0;
}
