/* pthread_atfork(3): functions to run before a fork and after it, in both. */
#include "../tasks.h"

static void prepare(void)
{
    puts("prepare 1");
}

static void prepare_2(void)
{
    puts("prepare 2");
}

static void parent(void)
{
    puts("parent 1");
}

static void parent_2(void)
{
    puts("parent 2");
}

static struct gate go;

static void child(void)
{
    pass(go);
    puts("child 1");
}

static void child_2(void)
{
    puts("child 2");
}

int main(void)
{
    go = new_gate();
    pthread_atfork(prepare, parent, child);
    pthread_atfork(prepare_2, parent_2, child_2);
    pid_t pid = fork();
    if (pid == 0)
        return 0;
    open_gate(go);
    reap("child", pid);
    return 0;
}
