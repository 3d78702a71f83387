/* set_tid_address(2), clone(2): at a task's end the word it named is cleared, and who waits for it is woken. */
#include "../tasks.h"
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>

static char stack[65536] __attribute__((aligned(64)));

static int run(void *gate)
{
    pass(*(struct gate *)gate);
    return 0;
}

static void join(volatile int *word)
{
    int value;
    while ((value = *word) != 0)
        syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

int main(void)
{
    static volatile int tid;
    struct gate go = new_gate();
    pid_t pid = clone(run, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
        CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, &go, &tid, NULL, &tid);
    check("its id is there", pid > 0 && tid == pid);
    open_gate(go);
    join(&tid);
    say("cleared", tid);
    say("no child", waitpid(pid, NULL, __WALL));
    volatile int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *shared = 1;
    pid = fork();
    if (pid == 0) {
        check("set_tid_address", syscall(SYS_set_tid_address, shared) == getpid());
        pass(go);
        _exit(3);
    }
    open_gate(go);
    reap("child", pid);
    say("one's own memory only is cleared for others", *shared);
    return 0;
}
