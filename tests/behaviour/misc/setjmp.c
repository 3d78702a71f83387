/* setjmp(3), sigsetjmp(3): a jump out of nested calls, the value it brings, and the signal mask. */
#include "../say.h"
#include <setjmp.h>
#include <signal.h>

static jmp_buf place;
static sigjmp_buf masked;

static int dive(int depth)
{
    volatile char frame[200];
    frame[depth] = depth;
    if (depth == 100)
        longjmp(place, 42);
    return depth < 200 ? dive(depth + 1) + frame[depth] : 0;
}

int main(void)
{
    volatile int before = 7;
    volatile double kept = 2.5;
    int value = setjmp(place);
    if (value == 0) {
        before = 8;
        kept *= 2;
        before = dive(0);
        puts("not reached");
    }
    printf("came back with %d, %d, %g\n", value, before, kept);
    if (!setjmp(place))
        longjmp(place, 0);
    puts("0 becomes 1");

    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (!sigsetjmp(masked, 1)) {
        sigprocmask(SIG_BLOCK, &set, NULL);
        siglongjmp(masked, 1);
    }
    sigprocmask(SIG_BLOCK, NULL, &set);
    say("blocked after siglongjmp", sigismember(&set, SIGUSR1));
    return 0;
}
