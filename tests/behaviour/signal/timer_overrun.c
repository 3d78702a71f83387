/* timer_getoverrun(2): how often a timer ran out while its signal was pending. */
#include "../tasks.h"

int main(void)
{
    sigset_t set;
    siginfo_t info;
    timer_t timer;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    struct itimerspec value = {{0, 1000000}, {0, 1000000}};
    timer_settime(timer, 0, &value, NULL);
    sleep_ms(20);
    printf("%s\n", signame(sigwaitinfo(&set, &info)));
    int overrun = timer_getoverrun(timer);
    check("some fifteen more", overrun >= 15 && overrun < 100000);
    check("the same in siginfo_t", info.si_overrun >= 15 && info.si_overrun <= overrun);
    timer_delete(timer);
    struct timespec now = {0, 0};
    while (sigtimedwait(&set, &info, &now) > 0)
        ;
    value.it_interval.tv_nsec = 0;
    say("deleted", timer_settime(timer, 0, &value, NULL));
    say("getoverrun", timer_getoverrun(timer));
    return 0;
}
