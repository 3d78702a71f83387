/* wait(2): of the status that a child exits with, its parent is told the low byte. */
#include "../tasks.h"

int main(void)
{
    static const int statuses[] = {0, 1, 3, 127, 255, 256, 0x1234, -1};
    for (int i = 0; i < 8; i++) {
        pid_t pid = fork();
        if (pid == 0)
            exit(statuses[i]);
        int status = 0x55555555;
        check("its own pid comes back", wait(&status) == pid);
        ended("child", status);
    }
    if (fork() == 0)
        _exit(5);
    int status;
    check("any child", wait(&status) > 0);
    ended("child", status);
    pid_t pid = fork();
    if (pid == 0)
        return 6;
    check("a null status", waitpid(pid, NULL, 0) == pid);
    say("no more children", wait(NULL));
    return 0;
}
