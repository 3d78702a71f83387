/* clock_settime(2): clocks that can't be set. */
#include "../tasks.h"

int main(void)
{
    struct timespec now = {1000, 0}, strange = {0, -1};
    say("CLOCK_MONOTONIC", clock_settime(CLOCK_MONOTONIC, &now));
    say("CLOCK_BOOTTIME", clock_settime(CLOCK_BOOTTIME, &now));
    say("of none", clock_settime(99, &now));
    say("a strange time", clock_settime(CLOCK_REALTIME, &strange));
    return 0;
}
