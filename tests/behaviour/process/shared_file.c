/* mmap(2): processes that map one file with MAP_SHARED see each other's writes, and so does read(2); MAP_PRIVATE keeps its own. */
#include "../tasks.h"
#include <sys/mman.h>

int main(void)
{
    char text[8] = "";
    put("file", "abcdefgh");
    struct gate go = new_gate(), up = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open("file", O_RDWR);
        char *shared = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        char *private = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
        close(fd);
        shared[1] = 'B';
        private[2] = 'C';
        open_gate(up);
        pass(go);
        printf("child: %.8s, its private copy %.8s\n", shared, private);
        return 0;
    }
    int fd = open("file", O_RDWR);
    char *map = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pass(up);
    printf("parent: %.8s\n", map);
    pread(fd, text, 7, 0);
    printf("file: %s\n", text);
    map[0] = 'A';
    pwrite(fd, "H", 1, 7);
    open_gate(go);
    reap("child", pid);
    say("msync", msync(map, 8, MS_SYNC));
    show("file");
    unlink("file");
    return 0;
}
