/* vfork(2): the parent goes on when the child has exited or run another program; until then they share memory. */
#include "../tasks.h"

int main(int argc, char **argv)
{
    if (argc > 1) {
        struct gate go = {40, -1};
        pass(go);
        printf("the program \"%s\" runs\n", argv[1]);
        return 8;
    }
    volatile int shared = 1;
    puts("before");
    pid_t pid = vfork();
    if (pid == 0) {
        shared = 2;
        write(1, "child\n", 6);
        sleep_ms(5);
        write(1, "child leaves\n", 13);
        _exit(3);
    }
    puts("parent");
    say("what the child wrote", shared);
    reap("child", pid);
    int fds[2];
    struct gate go = new_gate();
    dup2(go.out, 40);
    pipe2(fds, O_CLOEXEC);
    char *args[] = {"again", "of the child", NULL};
    pid = vfork();
    if (pid == 0) {
        execv("/proc/self/exe", args);
        _exit(127);
    }
    close(fds[1]);
    char byte;
    say("its other end was closed by exec", read(fds[0], &byte, 1));
    open_gate(go);
    reap("child", pid);
    return 0;
}
