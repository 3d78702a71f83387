/* getrusage(2), setitimer(2): whoever asks again and again for his own CPU time sees it pass. */
#include "../say.h"
#include <sys/resource.h>
#include <sys/time.h>

int main(void)
{
    struct rusage used;
    struct itimerval timer = {.it_value = {0, 100000}};
    long before;
    getrusage(RUSAGE_SELF, &used);
    before = used.ru_utime.tv_sec * 1000000 + used.ru_utime.tv_usec;
    do
        getrusage(RUSAGE_SELF, &used);
    while (used.ru_utime.tv_sec * 1000000 + used.ru_utime.tv_usec < before + 20000);
    puts("in guest code");
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
    do
        getitimer(ITIMER_VIRTUAL, &timer);
    while (timer.it_value.tv_usec > 70000);
    puts("by its timer");
    return 0;
}
