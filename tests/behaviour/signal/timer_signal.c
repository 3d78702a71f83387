/* timer_create(2): a timer that sends a signal of one's choice, with a value. */
#include "../tasks.h"

int main(void)
{
    sigset_t set;
    siginfo_t info;
    timer_t timer, second;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 4711};
    say("timer_create", timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec value = {{0, 0}, {0, 5000000}}, left;
    say("timer_gettime", timer_gettime(timer, &left));
    say("stopped", left.it_value.tv_nsec);
    say("timer_settime", timer_settime(timer, 0, &value, NULL));
    printf("%s\n", signame(sigwaitinfo(&set, &info)));
    check("SI_TIMER", info.si_code == SI_TIMER);
    say("value", info.si_value.sival_int);
    say("overrun", info.si_overrun);
    say("timer_getoverrun", timer_getoverrun(timer));
    timer_gettime(timer, &left);
    say("once only", left.it_value.tv_nsec + left.it_value.tv_sec);
    say("without an event", timer_create(CLOCK_REALTIME, NULL, &second));
    clock_gettime(CLOCK_REALTIME, &value.it_value);
    value.it_value.tv_sec -= 10;
    say("a time that is past", timer_settime(second, TIMER_ABSTIME, &value, NULL));
    printf("%s\n", signame(sigwaitinfo(&set, &info)));
    check("SI_TIMER", info.si_code == SI_TIMER);
    value.it_value.tv_sec = 1000;
    value.it_value.tv_nsec = 0;
    timer_settime(timer, 0, &value, NULL);
    value.it_value.tv_sec = 0;
    timer_settime(timer, 0, &value, &left);
    check("what was left", left.it_value.tv_sec >= 990 && left.it_value.tv_sec <= 1000);
    value.it_value.tv_nsec = 1000000000;
    say("a strange time", timer_settime(timer, 0, &value, NULL));
    say("timer_delete", timer_delete(timer));
    event.sigev_signo = 200;
    say("a signal that isn't one", timer_create(CLOCK_MONOTONIC, &event, &timer));
    event.sigev_signo = SIGALRM;
    say("a clock that isn't one", timer_create(77, &event, &timer));
    event.sigev_notify = SIGEV_NONE;
    say("SIGEV_NONE", timer_create(CLOCK_MONOTONIC, &event, &timer));
    value = (struct itimerspec){{0, 0}, {50, 0}};
    timer_settime(timer, 0, &value, NULL);
    timer_gettime(timer, &left);
    check("runs", left.it_value.tv_sec >= 45 && left.it_value.tv_sec <= 50);
    return 0;
}
