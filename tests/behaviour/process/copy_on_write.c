/* fork(2): the child's memory is a copy; what either writes afterwards the other doesn't see. */
#include "../tasks.h"
#include <sys/mman.h>

static int data = 1, zeroed;

int main(void)
{
    int stack = 1, *heap = malloc(sizeof *heap);
    char *map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *heap = 1;
    memset(map, 1, 1 << 20);
    struct gate written = new_gate(), seen = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        printf("child at first: %d %d %d %d %d\n", data, zeroed, stack, *heap, map[99999]);
        data = zeroed = stack = *heap = 2;
        memset(map, 2, 1 << 19);
        munmap(map + (1 << 19), 1 << 19);
        setenv("BEHAVIOUR", "changed", 1);
        open_gate(written);
        pass(seen);
        printf("child at last: %d %d %d %d %d %s\n", data, zeroed, stack, *heap, map[99999], getenv("BEHAVIOUR"));
        return 0;
    }
    pass(written);
    printf("parent: %d %d %d %d %d %d %s\n", data, zeroed, stack, *heap, map[99999], map[(1 << 20) - 1], getenv("BEHAVIOUR"));
    data = zeroed = stack = *heap = 3;
    memset(map, 3, 1 << 20);
    open_gate(seen);
    reap("child", pid);
    printf("parent: %d %d %d %d %d\n", data, zeroed, stack, *heap, map[99999]);
    return 0;
}
