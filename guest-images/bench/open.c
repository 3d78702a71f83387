/* A small file is opened, read and closed: argv[1] times (default 100,000). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int times = argc > 1 ? atoi(argv[1]) : 100000;
    const char *text = "some bytes of a small file\n";
    char found[64];
    int fd = open("small", O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd))
        return perror("small"), 1;
    for (int i = 0; i < times; i++) {
        fd = open("small", O_RDONLY);
        if (fd < 0 || read(fd, found, sizeof found) != (ssize_t)strlen(text) || close(fd))
            return perror("small"), 1;
    }
    if (memcmp(found, text, strlen(text)) || unlink("small"))
        return puts("it read otherwise"), 1;
    printf("%d times\n", times);
    return 0;
}
