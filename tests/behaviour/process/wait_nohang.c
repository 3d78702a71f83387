/* waitpid(2): WNOHANG answers 0 while children run, the child when it has ended, ECHILD when there is none. */
#include "../tasks.h"

int main(void)
{
    struct gate go = new_gate();
    int status;
    say("no children", waitpid(-1, &status, WNOHANG));
    pid_t pid = fork();
    if (pid == 0) {
        pass(go);
        return 4;
    }
    say("running", waitpid(pid, &status, WNOHANG));
    say("any, running", waitpid(-1, &status, WNOHANG));
    say("its group", waitpid(0, &status, WNOHANG));
    say("not a child", waitpid(getpid(), &status, WNOHANG));
    say("an option that isn't one", waitpid(pid, &status, 0x100));
    open_gate(go);
    while (waitpid(pid, &status, WNOHANG) == 0)
        sleep_ms(1);
    ended("it", status);
    say("it again", waitpid(pid, &status, WNOHANG));
    say("and waiting", waitpid(pid, &status, 0));
    return 0;
}
