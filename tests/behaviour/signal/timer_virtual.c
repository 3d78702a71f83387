/* setitimer(2): ITIMER_VIRTUAL and ITIMER_PROF count the process's own time only. */
#include "../tasks.h"

static volatile int vtalrm, prof;

static void note(int sig)
{
    if (sig == SIGPROF)
        prof++;
    else
        vtalrm++;
}

int main(void)
{
    struct itimerval value = {{0, 0}, {0, 50000}};
    handle(SIGVTALRM, note, 0);
    handle(SIGPROF, note, 0);
    say("ITIMER_VIRTUAL", setitimer(ITIMER_VIRTUAL, &value, NULL));
    sleep_ms(80);
    say("asleep", vtalrm);
    while (!vtalrm)
        ;
    say("awake", vtalrm);
    value.it_value.tv_usec = 20000;
    say("ITIMER_PROF", setitimer(ITIMER_PROF, &value, NULL));
    while (!prof)
        getppid();
    say("with calls", prof);
    return 0;
}
