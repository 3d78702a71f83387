/* signal(7): SIGCONT makes a stopped process go on whatever it does with it, and takes back stops that are pending. */
#include "../tasks.h"

static volatile int got;

static void note(int sig)
{
    got++;
}

int main(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        handle(SIGCONT, note, 0);
        raise(SIGSTOP);
        say("handled", got);
        signal(SIGCONT, SIG_IGN);
        raise(SIGSTOP);
        mask(SIG_BLOCK, SIGCONT);
        raise(SIGSTOP);
        mask(SIG_BLOCK, SIGTSTP);
        raise(SIGTSTP);
        sigset_t set;
        sigpending(&set);
        say("TSTP pending", sigismember(&set, SIGTSTP));
        kill(getpid(), SIGCONT);
        sigpending(&set);
        say("TSTP taken back", sigismember(&set, SIGTSTP));
        signal(SIGTTIN, SIG_IGN);
        raise(SIGTTIN);
        return 4;
    }
    for (int i = 0; i < 3; i++) {
        waitpid(pid, &status, WUNTRACED);
        ended("child", status);
        kill(pid, SIGUSR1);
        kill(pid, SIGCONT);
        if (i == 0) {
            waitpid(pid, &status, WUNTRACED);
            ended("USR1 waited for SIGCONT", status);
            break;
        }
    }
    pid = fork();
    if (pid == 0) {
        handle(SIGCONT, note, 0);
        raise(SIGSTOP);
        say("handled", got);
        signal(SIGCONT, SIG_IGN);
        raise(SIGSTOP);
        mask(SIG_BLOCK, SIGTSTP);
        raise(SIGTSTP);
        sigset_t set;
        sigpending(&set);
        say("TSTP pending", sigismember(&set, SIGTSTP));
        kill(getpid(), SIGCONT);
        sigpending(&set);
        say("TSTP taken back", sigismember(&set, SIGTSTP));
        signal(SIGTTIN, SIG_IGN);
        raise(SIGTTIN);
        return 4;
    }
    for (int i = 0; i < 2; i++) {
        waitpid(pid, &status, WUNTRACED);
        ended("child", status);
        kill(pid, SIGCONT);
    }
    reap("child", pid);
    return 0;
}
