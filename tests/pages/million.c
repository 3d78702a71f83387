/* A million calls of four processes. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void work(int process)
{
    char name[64], bytes[256];
    struct stat status;
    for (int at = 0; at < 62500; at++) {
        sprintf(name, "/tmp/file-%d-%d", process, at % 1000);
        stat(name, &status);
        int fd = open("/proc/self/stat", O_RDONLY);
        read(fd, bytes, 200 + at % 50);
        close(fd);
    }
    _exit(0);
}

int main(void)
{
    for (int process = 0; process < 4; process++)
        if (fork() == 0)
            work(process);
    while (wait(0) > 0)
        continue;
    return 0;
}
