/* A byte goes from one process to another and back through two pipes: argv[1] times (default 100,000). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int times = argc > 1 ? atoi(argv[1]) : 100000, there[2], back[2], status;
    unsigned char byte = 0;
    if (pipe(there) || pipe(back))
        return perror("pipe"), 1;
    pid_t child = fork();
    if (child < 0)
        return perror("fork"), 1;
    if (child == 0) {
        close(there[1]);
        while (read(there[0], &byte, 1) == 1) {
            byte++;
            if (write(back[1], &byte, 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0; i < times; i++) {
        unsigned char sent = byte;
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
            return perror("the other side"), 1;
        if (byte != (unsigned char)(sent + 1))
            return puts("another byte came back"), 1;
    }
    close(there[1]);
    if (waitpid(child, &status, 0) != child || status != 0)
        return puts("the child failed"), 1;
    printf("%d times, byte %d\n", times, byte);
    return 0;
}
