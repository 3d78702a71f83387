/* exit(3), _exit(2), fork(2): what a stream holds is in the child too, and written by both; _exit writes nothing. */
#include "../tasks.h"

static void farewell(void)
{
    write(1, "farewell\n", 9);
}

int main(void)
{
    FILE *file = fopen("file", "w");
    fprintf(file, "held;");
    pid_t pid = fork();
    if (pid == 0) {
        fprintf(file, "child;");
        exit(0);
    }
    reap("exit", pid);
    pid = fork();
    if (pid == 0) {
        fprintf(file, "lost;");
        _exit(0);
    }
    reap("_exit", pid);
    fclose(file);
    show("file");
    atexit(farewell);
    pid = fork();
    if (pid == 0)
        exit(1);
    reap("exit with a handler", pid);
    pid = fork();
    if (pid == 0)
        _exit(2);
    reap("_exit with a handler", pid);
    unlink("file");
    puts("end");
    return 0;
}
