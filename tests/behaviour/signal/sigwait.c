/* sigwaitinfo(2), sigtimedwait(2): take a pending signal without a handler; EAGAIN when the time is over. */
#include "../tasks.h"

int main(void)
{
    sigset_t set, other;
    siginfo_t info;
    int sig;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct timespec now = {0, 0}, soon = {0, 10000000}, strange = {0, 1000000000};
    say("none, now", sigtimedwait(&set, &info, &now));
    say("none, soon", sigtimedwait(&set, &info, &soon));
    say("a strange time", sigtimedwait(&set, &info, &strange));
    raise(SIGUSR1);
    printf("sigtimedwait %s\n", signame(sigtimedwait(&set, &info, &now)));
    check("si_signo", info.si_signo == SIGUSR1);
    say("taken", sigtimedwait(&set, NULL, &now));
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5});
    printf("sigwaitinfo %s\n", signame(sigwaitinfo(&set, &info)));
    say("value", info.si_value.sival_int);
    kill(getpid(), SIGUSR1);
    say("sigwait", sigwait(&set, &sig));
    puts(signame(sig));
    sigemptyset(&other);
    sigaddset(&other, SIGUSR2);
    raise(SIGUSR1);
    say("of others", sigtimedwait(&other, &info, &now));
    signal(SIGUSR1, SIG_IGN);
    say("discarded when it is ignored", sigtimedwait(&set, &info, &now));
    raise(SIGUSR1);
    say("ignored, but blocked and waited for", sigtimedwait(&set, &info, &now) == SIGUSR1);
    return 0;
}
