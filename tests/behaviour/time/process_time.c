/* clock_gettime(2), times(2), getrusage(2): a process's own time runs when it works, not when it sleeps. */
#include "../tasks.h"
#include <sys/resource.h>
#include <sys/times.h>

static long long own(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(void)
{
    long long before = own(CLOCK_PROCESS_CPUTIME_ID);
    sleep_ms(40);
    check("asleep", own(CLOCK_PROCESS_CPUTIME_ID) - before < 30000000);
    while (own(CLOCK_PROCESS_CPUTIME_ID) - before < 30000000)
        ;
    check("awake", own(CLOCK_THREAD_CPUTIME_ID) >= 25000000);
    struct rusage usage;
    say("getrusage", getrusage(RUSAGE_SELF, &usage));
    check("user and system", usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_sec * 1000000LL +
        usage.ru_stime.tv_usec >= 20000);
    say("RUSAGE_THREAD", getrusage(RUSAGE_THREAD, &usage));
    check("memory", usage.ru_maxrss > 0);
    struct tms first, second;
    clock_t at = times(&first);
    while (times(&second) - at < 3)
        ;
    check("ticks", second.tms_utime + second.tms_stime >= first.tms_utime + first.tms_stime);
    say("a second has", sysconf(_SC_CLK_TCK));
    check("clock", clock() >= 20000);
    clockid_t clock;
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    say("a child's clock", clock_getcpuclockid(pid, &clock));
    check("less than ours", own(clock) < own(CLOCK_PROCESS_CPUTIME_ID));
    kill(pid, SIGKILL);
    reap("child", pid);
    check("of nobody", clock_getcpuclockid(pid, &clock) != 0);
    return 0;
}
