/* fork(2): twenty generations, each waiting for the next: statuses go up through all. */
#include "../tasks.h"

static int generation(int left)
{
    if (left == 0)
        return 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(generation(left - 1));
    int status;
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status) + 1;
}

int main(void)
{
    say("generations", generation(20));
    return 0;
}
