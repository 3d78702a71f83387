/* sigaction(2): what siginfo_t tells of kill(2), raise(3) and sigqueue(3). */
#include "../tasks.h"

static volatile siginfo_t last;
static volatile int count;

static void note(int sig, siginfo_t *info, void *context)
{
    last = *info;
    count++;
    check("the number", sig == info->si_signo);
    check("a context", context != NULL);
}

static void tell(const char *what)
{
    printf("%s: %s %s\n", what, signame(last.si_signo),
        last.si_code == SI_USER ? "SI_USER" : last.si_code == SI_TKILL ? "SI_TKILL" : last.si_code == SI_QUEUE ? "SI_QUEUE" : "?");
    check("from oneself", last.si_pid == getpid() && last.si_uid == getuid());
}

int main(void)
{
    handle_info(SIGUSR1, note, 0);
    handle_info(SIGRTMIN + 3, note, 0);
    kill(getpid(), SIGUSR1);
    tell("kill");
    raise(SIGUSR1);
    tell("raise");
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = -12345});
    tell("sigqueue");
    say("value", last.si_value.sival_int);
    sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_ptr = (void *)&count});
    tell("sigqueue of a pointer");
    check("the pointer", last.si_value.sival_ptr == &count);
    say("handled", count);
    say("a signal that isn't one", sigqueue(getpid(), 200, (union sigval){0}));
    say("0", sigqueue(getpid(), 0, (union sigval){0}));
    return 0;
}
