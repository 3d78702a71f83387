/* clock_getcpuclockid(3), clock_nanosleep(2): CPU time of threads and of other processes, read, slept by and waited for. */
#include "../tasks.h"

static long long now(clockid_t clock)
{
    struct timespec time;
    if (clock_gettime(clock, &time))
        return -1;
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void work(long long nanoseconds)
{
    long long start = now(CLOCK_THREAD_CPUTIME_ID);
    while (now(CLOCK_THREAD_CPUTIME_ID) - start < nanoseconds)
        ;
}

/* The call itself: the C library refuses some clocks on its own. */
static long sleep_by(clockid_t clock, int flags, long long nanoseconds)
{
    struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    errno = 0;
#if defined __NR_clock_nanosleep && __SIZEOF_LONG__ == 8
    return syscall(__NR_clock_nanosleep, clock, flags, &time, NULL);
#else
    long wide[4] = {0};
    long long parts[2] = {time.tv_sec, time.tv_nsec};
    memcpy(wide, parts, sizeof parts);
    return syscall(__NR_clock_nanosleep_time64, clock, flags, wide, NULL);
#endif
}

static void *idle(void *gate)
{
    pass(*(struct gate *)gate);
    return NULL;
}

int main(void)
{
    clockid_t clock;
    pthread_t thread;
    struct gate gate = new_gate();
    work(30000000);
    pthread_create(&thread, NULL, idle, &gate);
    say("a thread's clock", pthread_getcpuclockid(thread, &clock));
    check("it has done less", now(clock) < now(CLOCK_THREAD_CPUTIME_ID));
    check("than all", now(CLOCK_THREAD_CPUTIME_ID) <= now(CLOCK_PROCESS_CPUTIME_ID));
    open_gate(gate);
    pthread_join(thread, NULL);
    /* A joined thread may take a moment to be gone. */
    while (now(clock) >= 0)
        sleep_ms(1);
    say("it is gone", now(clock));

    say("one's own, by number 0", now(~0 << 3 | 2) > 0 ? 0 : -1);
    say("a thread of others", now(~1 << 3 | 6));
    say("of nobody", now(~29999 << 3 | 2));
    say("a kind that is none", now(~0 << 3 | 3));

    struct timespec resolution;
    say("resolution", clock_getres(~0 << 3 | 2, &resolution));
    say("nanoseconds", resolution.tv_nsec);
    say("resolution of ticks", clock_getres(~0 << 3, &resolution));
    check("more", resolution.tv_nsec >= 1000000);
    say("setting it", clock_settime(~0 << 3 | 2, &resolution));
    say("setting CLOCK_PROCESS_CPUTIME_ID", clock_settime(CLOCK_PROCESS_CPUTIME_ID, &resolution));
    say("setting CLOCK_MONOTONIC", clock_settime(CLOCK_MONOTONIC, &resolution));

    say("sleeping by one's own thread", sleep_by(~0 << 3 | 6, 0, 1000));
    say("by CLOCK_THREAD_CPUTIME_ID", sleep_by(CLOCK_THREAD_CPUTIME_ID, 0, 1000));
    say("by CLOCK_MONOTONIC_RAW", sleep_by(CLOCK_MONOTONIC_RAW, 0, 1000));
    say("by CLOCK_TAI", sleep_by(CLOCK_TAI, 0, 1000));
    say("until CPU time that is over", sleep_by(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, 1000));

    struct gate born = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        check("a child begins with nothing", now(CLOCK_PROCESS_CPUTIME_ID) < 25000000);
        open_gate(born);
        for (;;)
            work(1000000);
    }
    pass(born);
    say("a child's clock", clock_getcpuclockid(pid, &clock));
    long long before = now(clock);
    say("sleeping until it has worked", sleep_by(clock, 0, 30000000));
    check("it has", now(clock) - before >= 30000000);
    kill(pid, SIGKILL);
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    check("a zombie's", now(clock) - before >= 30000000);
    reap("child", pid);
    say("of nobody now", now(clock));
    return 0;
}
