/* futex_waitv (Documentation/userspace-api/futex2.rst): one of several words, the time until which, what is refused. */
#include "../tasks.h"
#include <stdint.h>

#ifndef __NR_futex_waitv
#define __NR_futex_waitv 449
#endif
#ifdef __mips__
#undef __NR_futex_waitv
#if defined(_ABIN32) && _MIPS_SIM == _ABIN32
#define __NR_futex_waitv 6449
#elif defined(__mips64)
#define __NR_futex_waitv 5449
#else
#define __NR_futex_waitv 4449
#endif
#endif

struct word {
    uint64_t val, uaddr;
    uint32_t flags, reserved;
};

struct time64 {
    int64_t sec, nsec;
};

static uint32_t words[3];
static struct gate ready;

static struct word at(uint32_t *word, uint32_t value)
{
    return (struct word){value, (uintptr_t)word, 2 | 128, 0};
}

static long wait_for(struct word *list, unsigned count, struct time64 *until, int clock)
{
    return syscall(__NR_futex_waitv, list, count, 0, until, clock);
}

static long wake(uint32_t *word, int count)
{
    return syscall(__NR_futex, word, 1 | 128, count, NULL, NULL, 0);
}

static void *waiter(void *unused)
{
    (void)unused;
    struct word list[3] = {at(&words[0], 0), at(&words[1], 0), at(&words[2], 0)};
    open_gate(ready);
    return (void *)wait_for(list, 3, NULL, 0);
}

static void nothing(int sig)
{
    printf("signal %s\n", signame(sig));
}

int main(void)
{
    struct word list[3] = {at(&words[0], 0), at(&words[1], 0), at(&words[2], 0)};
    pthread_t thread;
    ready = new_gate();
    pthread_create(&thread, NULL, waiter, NULL);
    pass(ready);
    long woken;
    while ((woken = wake(&words[2], 10)) == 0)
        sleep_ms(1);
    say("woke", woken);
    void *at_word;
    pthread_join(thread, &at_word);
    say("woken at", (long)at_word);
    say("nobody waits for the others", wake(&words[0], 10) + wake(&words[1], 10));

    words[1] = 5;
    say("another value", wait_for(list, 3, NULL, 0));
    list[1].val = 5;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct time64 until = {now.tv_sec, now.tv_nsec};
    say("a time that is over", wait_for(list, 3, &until, CLOCK_MONOTONIC));
    clock_gettime(CLOCK_REALTIME, &now);
    until = (struct time64){now.tv_sec + (now.tv_nsec + 5000000) / 1000000000, (now.tv_nsec + 5000000) % 1000000000};
    say("until a time of the wall clock", wait_for(list, 3, &until, CLOCK_REALTIME));
    say("a clock it does not know", wait_for(list, 3, &until, CLOCK_BOOTTIME));
    until.nsec = 1000000000;
    say("no time", wait_for(list, 3, &until, CLOCK_REALTIME));

    say("none", wait_for(list, 0, NULL, 0));
    say("too many", wait_for(list, 129, NULL, 0));
    say("no list", wait_for(NULL, 1, NULL, 0));
    say("an address of nothing", wait_for((void *)8, 1, NULL, 0));
    list[0].flags = 128;
    say("a size that is not 32 bits", wait_for(list, 1, NULL, 0));
    list[0].flags = 2 | 16;
    say("a flag that is none", wait_for(list, 1, NULL, 0));
    list[0] = at(&words[0], 0);
    list[0].reserved = 1;
    say("something in the gap", wait_for(list, 1, NULL, 0));
    list[0] = at((void *)((char *)words + 2), 0);
    say("not aligned", wait_for(list, 1, NULL, 0));
    list[0] = at((void *)8, 0);
    say("a word of nothing", wait_for(list, 1, NULL, 0));

    list[0] = at(&words[0], 0);
    handle(SIGALRM, nothing, 0);
    struct itimerval once = {{0, 0}, {0, 5000}};
    setitimer(ITIMER_REAL, &once, NULL);
    say("interrupted", wait_for(list, 1, NULL, 0));
    return 0;
}
