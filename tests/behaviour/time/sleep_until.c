/* clock_nanosleep(2): for a span, and until a time, of several clocks. */
#include "../tasks.h"

static struct timespec plus(clockid_t clock, long ns)
{
    struct timespec at;
    clock_gettime(clock, &at);
    at.tv_nsec += ns;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

static void until(const char *what, clockid_t clock)
{
    struct timespec at = plus(clock, 5000000), now;
    printf("%s: %s\n", what, strerror(clock_nanosleep(clock, TIMER_ABSTIME, &at, NULL)));
    clock_gettime(clock, &now);
    check("not too early", now.tv_sec > at.tv_sec || (now.tv_sec == at.tv_sec && now.tv_nsec >= at.tv_nsec));
}

int main(void)
{
    until("CLOCK_MONOTONIC", CLOCK_MONOTONIC);
    until("CLOCK_REALTIME", CLOCK_REALTIME);
    until("CLOCK_BOOTTIME", CLOCK_BOOTTIME);
    struct timespec past = {1, 0}, span = {0, 3000000}, strange = {0, 1000000000}, below = {-1, 0}, begin, end;
    printf("a time that is past: %s\n", strerror(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL)));
    clock_gettime(CLOCK_MONOTONIC, &begin);
    printf("a span: %s\n", strerror(clock_nanosleep(CLOCK_REALTIME, 0, &span, NULL)));
    clock_gettime(CLOCK_MONOTONIC, &end);
    check("not too early", (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec >= 2900000);
    printf("a strange time: %s\n", strerror(clock_nanosleep(CLOCK_MONOTONIC, 0, &strange, NULL)));
    printf("below 0: %s\n", strerror(clock_nanosleep(CLOCK_MONOTONIC, 0, &below, NULL)));
    printf("of one's own time: %s\n", strerror(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &span, NULL)));
    printf("of no clock: %s\n", strerror(clock_nanosleep(99, 0, &span, NULL)));
    say("usleep", usleep(1000));
    return 0;
}
