/* signal(7): real-time signals are queued, the lowest first and those of one number in order; standard ones are not queued. */
#include "../tasks.h"

int main(void)
{
    sigset_t set;
    siginfo_t info;
    struct timespec now = {0, 0};
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    static const int offsets[] = {5, 1, 5, 1, 3, 1};
    for (int i = 0; i < 6; i++)
        sigqueue(getpid(), SIGRTMIN + offsets[i], (union sigval){.sival_int = i});
    for (int i = 0; i < 3; i++)
        sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 10 + i});
    kill(getpid(), SIGRTMIN + 1);
    int sig;
    while ((sig = sigtimedwait(&set, &info, &now)) > 0)
        printf("%s %s %d\n", signame(sig), info.si_code == SI_QUEUE ? "queued" : "killed", info.si_code == SI_QUEUE ? info.si_value.sival_int : 0);
    say("no more", sig);
    check("thirty at least", SIGRTMAX - SIGRTMIN >= 29);
    return 0;
}
