/* /proc/self/maps names a mapped file by the name that it has now, and says when it has none any more. */
#include "../say.h"
#include <sys/mman.h>

static char *map(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT, 0644);
    if (write(fd, name, strlen(name)) < 0 || ftruncate(fd, 4096))
        say("a file", -1);
    char *at = mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    return at;
}

/* The last part of the path, with what follows it. */
static void tell(const char *what, char *at)
{
    char line[4096], *name;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) {
        unsigned long start;
        if (sscanf(line, "%lx", &start) == 1 && start == (unsigned long)at) {
            name = strrchr(line, '/');
            printf("%s: %s", what, name ? name : "\n");
        }
    }
    fclose(maps);
}

int main(void)
{
    char *first = map("first"), *second = map("second"), *linked = map("linked");
    tell("mapped", first);
    unlink("first");
    tell("removed", first);
    put("first", "another");
    tell("another of that name", first);
    unlink("first");
    rename("second", "third");
    tell("renamed", second);
    put("other", "text");
    rename("other", "third");
    tell("replaced", second);
    unlink("third");
    link("linked", "again");
    unlink("linked");
    tell("the name it was opened by is gone", linked);
    unlink("again");
    mkdir("folder", 0755);
    char *inner = map("folder/inner");
    rename("folder", "box");
    tell("in a directory that was renamed", inner);
    unlink("box/inner");
    rmdir("box");
    tell("in none", inner);
    check("its text is still there", !strcmp(first, "first"));
    return 0;
}
