/* nanosleep(2), clock_nanosleep(2): sleeps at least as long as asked. */
#include "../say.h"
#include <time.h>

int main(void)
{
    struct timespec before, after, span = {0, 20000000}, rest = {5, 5};
    clock_gettime(CLOCK_MONOTONIC, &before);
    say("nanosleep", nanosleep(&span, &rest));
    clock_gettime(CLOCK_MONOTONIC, &after);
    long long slept = (after.tv_sec - before.tv_sec) * 1000000000ll + after.tv_nsec - before.tv_nsec;
    check("20 ms passed", slept >= 20000000);
    printf("the rest is left alone: %lld %ld\n", (long long)rest.tv_sec, (long)rest.tv_nsec);
    span.tv_nsec = 1000000000;
    say("too many nanoseconds", nanosleep(&span, NULL));
    span.tv_nsec = 0;
    span.tv_sec = -1;
    say("less than nothing", nanosleep(&span, NULL));
    after.tv_nsec = (after.tv_nsec + 10000000) % 1000000000;
    after.tv_sec += after.tv_nsec < 10000000;
    say("until a time", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &after, NULL));
    clock_gettime(CLOCK_MONOTONIC, &before);
    check("it is past", before.tv_sec > after.tv_sec || (before.tv_sec == after.tv_sec && before.tv_nsec >= after.tv_nsec));
    say("a time that is past", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &after, NULL));
    say("usleep", usleep(1000));
    return 0;
}
