/* argv[1] MiB (default 64) go from one process to another through a pipe. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned char block[65536];

int main(int argc, char **argv)
{
    long left = (argc > 1 ? atol(argv[1]) : 64) << 20, whole = left;
    int ends[2], status;
    if (pipe(ends))
        return perror("pipe"), 1;
    pid_t child = fork();
    if (child < 0)
        return perror("fork"), 1;
    if (child == 0) {
        close(ends[0]);
        memset(block, 7, sizeof block);
        while (left > 0) {
            ssize_t done = write(ends[1], block, sizeof block);
            if (done <= 0)
                _exit(1);
            left -= done;
        }
        _exit(0);
    }
    close(ends[1]);
    ssize_t done;
    while ((done = read(ends[0], block, sizeof block)) > 0) {
        if (block[0] != 7 || block[done - 1] != 7)
            return puts("other bytes came"), 1;
        left -= done;
    }
    if (waitpid(child, &status, 0) != child || status != 0 || left != 0)
        return puts("not all came"), 1;
    printf("%ld bytes\n", whole);
    return 0;
}
