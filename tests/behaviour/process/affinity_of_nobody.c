/* sched_getaffinity(2), sched_setaffinity(2), sched_getscheduler(2): of whom there is not. */
#include "../tasks.h"
#include <sched.h>

int main(void)
{
    cpu_set_t set;
    check("own", sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0);
    say("its number", sched_setaffinity(getpid(), sizeof set, &set));
    say("below 0", sched_getaffinity(-1, sizeof set, &set));
    say("nobody", sched_getaffinity(1 << 22, sizeof set, &set));
    say("set below 0", sched_setaffinity(-1, sizeof set, &set));
    say("set nobody's", sched_setaffinity(1 << 22, sizeof set, &set));
    say("a policy below 0", sched_getscheduler(-1));
    return 0;
}
