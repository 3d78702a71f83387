/* setpgid(2), signal(7): in an orphaned process group nobody would make them go on, so SIGTSTP stops no one; SIGSTOP does. */
#include "../tasks.h"

int main(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        raise(SIGTSTP);
        puts("not stopped by TSTP");
        raise(SIGTTOU);
        puts("not stopped by TTOU");
        raise(SIGSTOP);
        puts("went on");
        return 5;
    }
    waitpid(pid, &status, WUNTRACED);
    ended("child", status);
    kill(pid, SIGCONT);
    reap("child", pid);
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        raise(SIGTSTP);
        return 6;
    }
    waitpid(pid, &status, WUNTRACED);
    ended("in a group that is not orphaned", status);
    kill(pid, SIGCONT);
    reap("child", pid);
    return 0;
}
