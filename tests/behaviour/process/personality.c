/* personality(2): asked for by -1, kept over fork. */
#include "../tasks.h"
#include <sys/personality.h>

int main(void)
{
    int before = personality(0xffffffff);
    check("asked for", before != -1);
    check("the old is the result", personality(before | ADDR_NO_RANDOMIZE) == before);
    printf("%x\n", personality(0xffffffff) & ADDR_NO_RANDOMIZE);
    pid_t pid = fork();
    if (pid == 0) {
        printf("child %x\n", personality(before) & ADDR_NO_RANDOMIZE);
        printf("changed %x\n", personality(0xffffffff) & ADDR_NO_RANDOMIZE);
        return 0;
    }
    reap("child", pid);
    printf("parent %x\n", personality(0xffffffff) & ADDR_NO_RANDOMIZE);
    return 0;
}
