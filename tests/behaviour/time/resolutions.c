/* clock_getres(2), gettimeofday(2), time(2): the clocks there are, and that they agree. */
#include "../tasks.h"

static long long ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now))
        say("clock_gettime", -1);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(void)
{
    static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
        CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI};
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct timespec res = {-1, -1};
        say("clock_getres", clock_getres(clocks[i], &res));
        check("finer than 20 ms", res.tv_sec == 0 && res.tv_nsec > 0 && res.tv_nsec <= 20000000);
    }
    say("of none", clock_getres(77, NULL));
    say("null", clock_getres(CLOCK_MONOTONIC, NULL));
    struct timeval tv;
    long long before = ns(CLOCK_REALTIME);
    gettimeofday(&tv, NULL);
    long long after = ns(CLOCK_REALTIME), between = tv.tv_sec * 1000000000LL + tv.tv_usec * 1000LL;
    check("gettimeofday is between", between >= before - 1000 && between <= after);
    time_t seconds = time(NULL);
    check("time", seconds >= before / 1000000000 - 1 && seconds <= ns(CLOCK_REALTIME) / 1000000000);
    check("CLOCK_REALTIME_COARSE is near", ns(CLOCK_REALTIME) - ns(CLOCK_REALTIME_COARSE) < 1000000000);
    check("CLOCK_BOOTTIME is not behind", ns(CLOCK_BOOTTIME) >= ns(CLOCK_MONOTONIC) - 1000000);
    check("CLOCK_TAI is near", ns(CLOCK_TAI) / 1000000000 - ns(CLOCK_REALTIME) / 1000000000 <= 40);
    return 0;
}
