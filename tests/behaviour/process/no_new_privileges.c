/* PR_SET_NO_NEW_PRIVS(2const): never taken back, inherited by fork and execve. */
#include "../tasks.h"
#include <sys/prctl.h>

int main(int argc, char **argv)
{
    if (argc > 1) {
        say("after execve", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
        return 0;
    }
    say("at first", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    pid_t pid = fork();
    if (pid == 0) {
        say("set", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        say("it is", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
        say("take it back", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
        if (fork() == 0) {
            say("child", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
            execl("/proc/self/exe", "second", "run", NULL);
            _exit(127);
        }
        wait(NULL);
        return 0;
    }
    reap("child", pid);
    say("parent", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    say("an option that isn't one", prctl(12345, 0, 0, 0, 0));
    return 0;
}
