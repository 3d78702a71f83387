/* siglongjmp(3): out of a handler, with the mask that sigsetjmp(3) saved, or as it is. */
#include "../tasks.h"
#include <setjmp.h>

static sigjmp_buf back;

static void leave(int sig)
{
    siglongjmp(back, sig);
}

static int blocked(int sig)
{
    sigset_t set;
    sigprocmask(SIG_SETMASK, NULL, &set);
    return sigismember(&set, sig);
}

int main(void)
{
    handle(SIGUSR1, leave, 0);
    for (volatile int i = 0; i < 3; i++) {
        int sig = sigsetjmp(back, 1);
        if (sig == 0)
            raise(SIGUSR1);
        printf("%s blocked %d\n", signame(sig), blocked(SIGUSR1));
    }
    int sig = sigsetjmp(back, 0);
    if (sig == 0)
        raise(SIGUSR1);
    printf("not saved: %s blocked %d\n", signame(sig), blocked(SIGUSR1));
    return 0;
}
