/* setitimer(2), getitimer(2): SIGALRM again and again; what is left can be asked for; a child has no timer. */
#include "../tasks.h"

static volatile int count;

static void note(int sig)
{
    count++;
}

int main(void)
{
    struct itimerval value = {{0, 2000}, {0, 5000}}, old;
    handle(SIGALRM, note, 0);
    say("setitimer", setitimer(ITIMER_REAL, &value, NULL));
    while (count < 5)
        pause();
    say("getitimer", getitimer(ITIMER_REAL, &old));
    say("interval", old.it_interval.tv_usec);
    check("left", old.it_value.tv_sec == 0 && old.it_value.tv_usec <= 2000);
    pid_t pid = fork();
    if (pid == 0) {
        getitimer(ITIMER_REAL, &old);
        say("a child's", old.it_value.tv_usec + old.it_interval.tv_usec);
        return 0;
    }
    reap("child", pid);
    memset(&value, 0, sizeof value);
    value.it_value.tv_sec = 100;
    setitimer(ITIMER_REAL, &value, &old);
    say("old interval", old.it_interval.tv_usec);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, &old);
    check("nearly all is left", old.it_value.tv_sec >= 95 && old.it_value.tv_sec <= 100);
    getitimer(ITIMER_REAL, &old);
    say("stopped", old.it_value.tv_sec + old.it_value.tv_usec);
    value.it_value.tv_usec = 1000000;
    say("a strange time", setitimer(ITIMER_REAL, &value, NULL));
    say("a timer that isn't one", setitimer(7, &value, NULL));
    say("alarm", alarm(50));
    check("the same timer", alarm(0) >= 45);
    say("none left", alarm(0));
    return 0;
}
