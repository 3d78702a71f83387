/* mmap(2): anonymous memory with MAP_SHARED is one memory for parent, child and grandchild, not after execve. */
#include "../tasks.h"
#include <sys/mman.h>

int main(void)
{
    int *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    map[0] = 1;
    pid_t pid = fork();
    if (pid == 0) {
        say("child reads", map[0]);
        map[0] = 2;
        pid = fork();
        if (pid == 0) {
            say("grandchild reads", map[0]);
            map[1500] = 3;
            return 0;
        }
        reap("grandchild", pid);
        say("child reads", map[1500]);
        munmap(map, 8192);
        return 0;
    }
    reap("child", pid);
    say("parent reads", map[0]);
    say("and", map[1500]);
    int *other = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    say("another is another", other[0]);
    return 0;
}
