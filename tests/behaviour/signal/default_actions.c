/* signal(7): which signals end a process, and which are nothing to one that does not ask for them. */
#include "../tasks.h"

int main(void)
{
    static const int sigs[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2,
        SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSYS, SIGCHLD, SIGCONT, SIGURG, SIGWINCH};
    for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++) {
        signal(sigs[i], SIG_DFL);
        pid_t pid = fork();
        if (pid == 0) {
            kill(getpid(), sigs[i]);
            _exit(0);
        }
        reap(signame(sigs[i]), pid);
    }
    pid_t pid = fork();
    if (pid == 0) {
        kill(getpid(), SIGRTMIN + 4);
        _exit(0);
    }
    reap("RTMIN+4", pid);
    return 0;
}
