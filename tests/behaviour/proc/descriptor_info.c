/* proc_pid_fdinfo(5): offset and flags of an open file, and more of some. */
#include "../tasks.h"
#include <sys/eventfd.h>

static long long field(int fd, const char *name, int base)
{
    char file[64], line[256];
    long long value = -1;
    snprintf(file, sizeof file, "/proc/self/fdinfo/%d", fd);
    FILE *info = fopen(file, "r");
    if (!info)
        return -2;
    while (fgets(line, sizeof line, info))
        if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
            value = strtoll(line + strlen(name) + 1, NULL, base);
    fclose(info);
    return value;
}

int main(void)
{
    put("file", "abcdefgh");
    int fd = open("file", O_RDWR | O_APPEND | O_CLOEXEC);
    lseek(fd, 5, SEEK_SET);
    say("pos", field(fd, "pos", 10));
    long long flags = field(fd, "flags", 8);
    check("flags", (flags & O_APPEND) && (flags & O_ACCMODE) == O_RDWR && (flags & O_CLOEXEC));
    check("another than those of F_GETFL by O_CLOEXEC", (flags & ~O_CLOEXEC) == fcntl(fd, F_GETFL));
    int event = eventfd(26, 0);
    say("eventfd-count", field(event, "eventfd-count", 16));
    say("none", field(999, "pos", 10));
    unlink("file");
    return 0;
}
