/* nice(2), getpriority(2), setpriority(2): inherited by children; a process may always become nicer. */
#include "../tasks.h"
#include <sched.h>
#include <sys/resource.h>

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        errno = 0;
        int before = getpriority(PRIO_PROCESS, 0);
        say("nice", nice(3) - before);
        say("getpriority", getpriority(PRIO_PROCESS, 0) - before);
        say("setpriority", setpriority(PRIO_PROCESS, getpid(), 10));
        pid = fork();
        if (pid == 0) {
            say("inherited", getpriority(PRIO_PROCESS, 0));
            say("beyond the last", setpriority(PRIO_PROCESS, 0, 100));
            say("it is", getpriority(PRIO_PROCESS, 0));
            return 0;
        }
        reap("grandchild", pid);
        say("ours", getpriority(PRIO_PROCESS, 0));
        return 0;
    }
    reap("child", pid);
    say("of nobody", getpriority(PRIO_PROCESS, pid));
    say("of what", getpriority(7, 0));
    say("scheduler", sched_getscheduler(0));
    struct sched_param param = {77};
    say("sched_getparam", sched_getparam(0, &param));
    say("priority", param.sched_priority);
    say("highest of FIFO", sched_get_priority_max(SCHED_FIFO));
    say("lowest of RR", sched_get_priority_min(SCHED_RR));
    say("highest of OTHER", sched_get_priority_max(SCHED_OTHER));
    say("yield", sched_yield());
    cpu_set_t set;
    say("affinity", sched_getaffinity(0, sizeof set, &set));
    check("some CPU", CPU_COUNT(&set) > 0);
    return 0;
}
