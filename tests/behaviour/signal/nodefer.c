/* sigaction(2): a signal is blocked while its handler runs, but not with SA_NODEFER. */
#include "../tasks.h"

static volatile int depth, deepest, count;

static void enter(int sig)
{
    count++;
    if (++depth > deepest)
        deepest = depth;
    if (count < 5)
        raise(sig);
    depth--;
}

static void run(const char *what, int flags)
{
    depth = deepest = count = 0;
    handle(SIGUSR1, enter, flags);
    raise(SIGUSR1);
    printf("%s: %d times, %d deep\n", what, count, deepest);
}

int main(void)
{
    run("deferred", 0);
    run("SA_NODEFER", SA_NODEFER);
    struct sigaction action = {.sa_handler = enter, .sa_flags = SA_NODEFER};
    sigaddset(&action.sa_mask, SIGUSR1);
    sigaction(SIGUSR1, &action, NULL);
    depth = deepest = count = 0;
    raise(SIGUSR1);
    printf("SA_NODEFER, but in the mask: %d times, %d deep\n", count, deepest);
    return 0;
}
