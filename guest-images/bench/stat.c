/* argv[1] files (default 10,000) are created, and then asked about ten times each. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int files = argc > 1 ? atoi(argv[1]) : 10000;
    long asked = 0;
    char name[32];
    struct stat found;
    if (mkdir("many", 0700))
        return perror("many"), 1;
    for (int i = 0; i < files; i++) {
        snprintf(name, sizeof name, "many/%d", i);
        int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
        if (fd < 0 || close(fd))
            return perror(name), 1;
    }
    for (int round = 0; round < 10; round++)
        for (int i = 0; i < files; i++) {
            snprintf(name, sizeof name, "many/%d", i);
            if (stat(name, &found) || !S_ISREG(found.st_mode))
                return perror(name), 1;
            asked++;
        }
    printf("%ld times\n", asked);
    return 0;
}
