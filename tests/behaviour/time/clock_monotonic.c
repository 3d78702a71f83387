/* clock_gettime(2), clock_getres(2): clocks that don't go back. */
#include "../say.h"
#include <sys/time.h>
#include <time.h>

int main(void)
{
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_PROCESS_CPUTIME_ID, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW,
        CLOCK_MONOTONIC_COARSE, CLOCK_THREAD_CPUTIME_ID};
    for (int i = 0; i < 7; i++) {
        struct timespec last = {0, 0}, now;
        int back = 0, strange = 0;
        for (int j = 0; j < 1000; j++) {
            if (clock_gettime(clocks[i], &now))
                say("clock_gettime", -1);
            strange += now.tv_nsec < 0 || now.tv_nsec > 999999999;
            back += now.tv_sec < last.tv_sec || (now.tv_sec == last.tv_sec && now.tv_nsec < last.tv_nsec);
            last = now;
        }
        printf("clock %d: %d back, %d strange\n", (int)clocks[i], back, strange);
    }
    struct timespec res;
    say("clock_getres", clock_getres(CLOCK_MONOTONIC, &res));
    check("finer than a second", res.tv_sec == 0 && res.tv_nsec > 0);
    say("no such clock", clock_gettime(9999, &res));
    struct timeval tv;
    say("gettimeofday", gettimeofday(&tv, NULL));
    clock_gettime(CLOCK_REALTIME, &res);
    check("the same time", res.tv_sec - tv.tv_sec <= 1);
    check("time", time(NULL) - tv.tv_sec <= 2);
    check("after 2001", tv.tv_sec > 1000000000);
    check("clock", clock() >= 0);
    return 0;
}
