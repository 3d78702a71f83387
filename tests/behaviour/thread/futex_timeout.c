/* futex(2): a wait with a limit: FUTEX_WAIT's is a span, FUTEX_WAIT_BITSET's is a time. */
#include "../tasks.h"
#include <linux/futex.h>

static int word;

static long futex(int op, struct timespec limit, int bits)
{
    /* A 32-bit timespec where the call's name has no 64 in it. */
    long times[2] = {limit.tv_sec, limit.tv_nsec};
    return syscall(SYS_futex, &word, op, 0, times, NULL, bits);
}

static void nothing(int sig)
{
}

int main(void)
{
    struct timespec before, after, until;
    clock_gettime(CLOCK_MONOTONIC, &before);
    say("a span", futex(FUTEX_WAIT, (struct timespec){0, 5000000}, 0));
    clock_gettime(CLOCK_MONOTONIC, &after);
    check("not too early", (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec >= 5000000);
    until = after;
    until.tv_nsec += 3000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    say("a time", futex(FUTEX_WAIT_BITSET, until, -1));
    clock_gettime(CLOCK_MONOTONIC, &after);
    check("not too early", after.tv_sec > until.tv_sec || (after.tv_sec == until.tv_sec && after.tv_nsec >= until.tv_nsec));
    clock_gettime(CLOCK_REALTIME, &until);
    say("a time that is past", futex(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, until, -1));
    say("no span", futex(FUTEX_WAIT, (struct timespec){0, 0}, 0));
    say("a strange span", futex(FUTEX_WAIT, (struct timespec){0, 1000000000}, 0));
    say("no bits", futex(FUTEX_WAIT_BITSET, until, 0));
    handle(SIGALRM, nothing, 0);
    alarms(10);
    say("interrupted", futex(FUTEX_WAIT, (struct timespec){1000, 0}, 0));
    alarms(0);
    return 0;
}
