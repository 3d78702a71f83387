/* times(2), getrusage(2), wait4(2): the time of children is added when they are waited for, not before. */
#include "../tasks.h"
#include <sys/resource.h>
#include <sys/times.h>

static long long used(int who)
{
    struct rusage usage;
    if (getrusage(who, &usage))
        say("getrusage", -1);
    return usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec;
}

int main(void)
{
    siginfo_t info;
    struct rusage usage;
    int status;
    say("children at first", used(RUSAGE_CHILDREN));
    pid_t pid = fork();
    if (pid == 0) {
        struct timespec now;
        do
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        while (now.tv_sec == 0 && now.tv_nsec < 40000000);
        say("a child's children", used(RUSAGE_CHILDREN));
        return 3;
    }
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    say("before it is waited for", used(RUSAGE_CHILDREN));
    check("wait4", wait4(pid, &status, 0, &usage) == pid);
    ended("child", status);
    check("what wait4 tells", usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 10000);
    check("afterwards", used(RUSAGE_CHILDREN) >= 10000);
    struct tms before, after;
    check("times", times(&before) != (clock_t)-1);
    check("of children", before.tms_cutime + before.tms_cstime > 0);
    while (times(&after) == (clock_t)-1 || after.tms_utime + after.tms_stime - before.tms_utime - before.tms_stime < 2)
        ;
    check("of children, the same", after.tms_cutime == before.tms_cutime && after.tms_cstime == before.tms_cstime);
    say("a who that isn't one", getrusage(7, &usage));
    return 0;
}
