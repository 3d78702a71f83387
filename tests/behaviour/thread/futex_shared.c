/* futex(2): a word in a file that two processes map at different places is one futex; with FUTEX_PRIVATE_FLAG it isn't. */
#include "../tasks.h"
#include <linux/futex.h>
#include <sys/mman.h>

int main(void)
{
    put("file", "\0\0\0\0\0\0\0\0");
    int fd = open("file", O_RDWR);
    ftruncate(fd, 4096);
    int *ours = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t pid = fork();
    if (pid == 0) {
        int *theirs = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        check("at another place", theirs != ours);
        munmap(ours, 4096);
        while (__atomic_load_n(theirs, __ATOMIC_SEQ_CST) == 0)
            syscall(SYS_futex, theirs, FUTEX_WAIT, 0, NULL, NULL, 0);
        say("the word", *theirs);
        return 0;
    }
    while (syscall(SYS_futex, ours, FUTEX_WAKE, 1, NULL, NULL, 0) < 1)
        sleep_ms(1);
    say("private", syscall(SYS_futex, ours, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    __atomic_store_n(ours, 7, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, ours, FUTEX_WAKE, 1, NULL, NULL, 0);
    reap("child", pid);
    unlink("file");
    return 0;
}
