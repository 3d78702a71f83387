/* memfd_create(2): memory without a name, sealed, and passed on by fork and by /proc. */
#include "../tasks.h"
#include <sys/mman.h>

int main(void)
{
    int fd = memfd_create("a name", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    check("memfd_create", fd >= 0);
    say("ftruncate", ftruncate(fd, 4096));
    char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    strcpy(map, "shared");
    pid_t pid = fork();
    if (pid == 0) {
        puts(map);
        strcpy(map, "changed");
        return 0;
    }
    reap("child", pid);
    puts(map);
    say("sealed while it is mapped to write", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    munmap(map, 4096);
    say("sealed", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
    pid = fork();
    if (pid == 0) {
        say("write", write(fd, "x", 1));
        say("shrink", ftruncate(fd, 10));
        say("grow", ftruncate(fd, 8192));
        check("mapped to write", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EPERM);
        check("a private copy", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) != MAP_FAILED);
        return 0;
    }
    reap("child", pid);
    printf("seals %x\n", fcntl(fd, F_GET_SEALS));
    char text[64] = "", name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    readlink(name, text, sizeof text - 1);
    puts(text);
    int again = open(name, O_RDONLY);
    say("opened again", read(again, text, 8));
    puts(text);
    say("a flag that isn't one", memfd_create("x", 0x1000));
    return 0;
}
