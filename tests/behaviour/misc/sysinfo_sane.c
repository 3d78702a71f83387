/* sysinfo(2), getrusage(2), times(2): numbers that can be true. */
#include "../say.h"
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>

int main(void)
{
    struct sysinfo info;
    struct rusage usage;
    struct tms tms;
    say("sysinfo", sysinfo(&info));
    check("memory", info.totalram > 0 && info.freeram <= info.totalram && info.mem_unit >= 1);
    check("up", info.uptime >= 0);
    check("processes", info.procs >= 1);
    say("getrusage", getrusage(RUSAGE_SELF, &usage));
    check("time", usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_usec < 1000000);
    check("memory", usage.ru_maxrss > 0);
    say("RUSAGE_CHILDREN", getrusage(RUSAGE_CHILDREN, &usage));
    say("of nobody", getrusage(77, &usage));
    check("times", times(&tms) != -1 && tms.tms_cutime == 0);
    check("ids", getpid() > 0 && getppid() >= 0 && gettid() == getpid() && getuid() == geteuid());
    check("groups", getgroups(0, NULL) >= 0);
    check("session and group", getpgrp() >= 0 && getsid(0) >= 0);
    say("into nowhere", sysinfo((struct sysinfo *)8));
    return 0;
}
