/* waitpid(2): WUNTRACED tells of a child that stops, WCONTINUED of one that goes on; without them, neither is told. */
#include "../tasks.h"

int main(void)
{
    int status;
    struct gate go = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        raise(SIGSTOP);
        pass(go);
        return 9;
    }
    check("stops", waitpid(pid, &status, WUNTRACED) == pid);
    ended("child", status);
    say("told once", waitpid(pid, &status, WUNTRACED | WNOHANG));
    say("kill SIGCONT", kill(pid, SIGCONT));
    check("goes on", waitpid(pid, &status, WCONTINUED) == pid);
    ended("child", status);
    say("told once", waitpid(pid, &status, WCONTINUED | WUNTRACED | WNOHANG));
    kill(pid, SIGSTOP);
    check("stopped from outside", waitpid(pid, &status, WUNTRACED) == pid);
    ended("child", status);
    kill(pid, SIGCONT);
    say("not asked for", waitpid(pid, &status, WNOHANG));
    check("asked for", waitpid(pid, &status, WCONTINUED) == pid);
    ended("child", status);
    kill(pid, SIGKILL);
    check("ends", waitpid(pid, &status, WUNTRACED | WCONTINUED) == pid);
    ended("child", status);
    return 0;
}
