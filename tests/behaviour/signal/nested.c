/* sigaction(2): handlers run within handlers, unless sa_mask holds them off; then they run after. */
#include "../tasks.h"

static volatile int depth;

static void outer(int sig)
{
    printf("%*souter begins\n", depth++ * 2, "");
    raise(SIGUSR2);
    printf("%*souter ends\n", --depth * 2, "");
}

static void inner(int sig)
{
    printf("%*sinner begins\n", depth++ * 2, "");
    raise(SIGTERM);
    printf("%*sinner ends\n", --depth * 2, "");
}

static void innermost(int sig)
{
    sigset_t set;
    sigprocmask(SIG_SETMASK, NULL, &set);
    printf("%*sUSR1 %d USR2 %d TERM %d\n", depth * 2, "", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2),
        sigismember(&set, SIGTERM));
}

int main(void)
{
    handle(SIGUSR1, outer, 0);
    handle(SIGUSR2, inner, 0);
    handle(SIGTERM, innermost, 0);
    puts("none masked");
    raise(SIGUSR1);
    struct sigaction action = {.sa_handler = outer};
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &action, NULL);
    puts("USR2 masked in outer");
    raise(SIGUSR1);
    sigfillset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    action.sa_handler = inner;
    sigaction(SIGUSR2, &action, NULL);
    puts("all masked");
    raise(SIGUSR1);
    sigset_t set;
    sigprocmask(SIG_SETMASK, NULL, &set);
    say("none afterwards", sigismember(&set, SIGUSR1) + sigismember(&set, SIGUSR2) + sigismember(&set, SIGTERM));
    return 0;
}
