/* signal(7): queued real-time signals are each handled, once they are let through. */
#include "../tasks.h"

static volatile int values[16], sigs[16], count;

static void note(int sig, siginfo_t *info, void *context)
{
    sigs[count] = sig - SIGRTMIN;
    values[count++] = info->si_value.sival_int;
}

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    for (int i = 0; i < 4; i++) {
        sigaddset(&set, SIGRTMIN + i);
        sigaddset(&action.sa_mask, SIGRTMIN + i);
    }
    for (int i = 0; i < 4; i++)
        sigaction(SIGRTMIN + i, &action, NULL);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 10; i++)
        sigqueue(getpid(), SIGRTMIN + (i * 3) % 4, (union sigval){.sival_int = i});
    say("handled while blocked", count);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    say("handled", count);
    for (int i = 0; i < count; i++)
        printf("RTMIN+%d %d\n", sigs[i], values[i]);
    return 0;
}
