/* timer_create(2): timers of the CPU time of a thread, of the process, and of another process; numbers; SIGEV_NONE. */
#include "../tasks.h"

static timer_t timer(clockid_t clock, int notify, int sig)
{
    timer_t id = 0;
    struct sigevent event = {.sigev_notify = notify, .sigev_signo = sig};
    event.sigev_value.sival_int = 7;
    say("timer_create", timer_create(clock, &event, &id));
    return id;
}

static void set(timer_t id, int flags, long ms)
{
    struct itimerspec spec = {.it_value = {ms / 1000, ms % 1000 * 1000000}};
    say("timer_settime", timer_settime(id, flags, &spec, NULL));
}

static long long now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Works until a blocked signal waits. */
static void comes(const char *what, int sig)
{
    sigset_t set;
    siginfo_t info;
    do
        sigpending(&set);
    while (!sigismember(&set, sig));
    sigemptyset(&set);
    sigaddset(&set, sig);
    say(what, sigwaitinfo(&set, &info) == sig ? 0 : -1);
    check("SI_TIMER", info.si_code == SI_TIMER);
    say("value", info.si_value.sival_int);
}

int main(void)
{
    clockid_t clock;
    mask(SIG_BLOCK, SIGUSR1);
    mask(SIG_BLOCK, SIGUSR2);
    mask(SIG_BLOCK, SIGALRM);

    timer_t of_thread = timer(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR1);
    long long before = now(CLOCK_THREAD_CPUTIME_ID);
    set(of_thread, 0, 20);
    comes("a thread's CPU time", SIGUSR1);
    check("it has used it", now(CLOCK_THREAD_CPUTIME_ID) - before >= 20000000);

    timer_t of_process = timer(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR2);
    set(of_process, TIMER_ABSTIME, 1);
    comes("CPU time that is over", SIGUSR2);
    set(of_process, 0, 1000000);
    struct itimerspec left;
    say("timer_gettime", timer_gettime(of_process, &left));
    check("nearly all is left", left.it_value.tv_sec >= 998 && left.it_value.tv_sec <= 1000);
    set(of_process, 0, 0);
    timer_gettime(of_process, &left);
    say("seconds left", left.it_value.tv_sec);
    say("nanoseconds", left.it_value.tv_nsec);

    timer_t silent = timer(CLOCK_MONOTONIC, SIGEV_NONE, 0);
    set(silent, 0, 1);
    sleep_ms(5);
    timer_gettime(silent, &left);
    say("SIGEV_NONE is over", left.it_value.tv_nsec);
    say("overrun", timer_getoverrun(silent));

    struct gate born = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        say("a child has none of them", timer_delete(of_thread));
        open_gate(born);
        for (;;)
            now(CLOCK_REALTIME);
    }
    pass(born);
    clock_getcpuclockid(pid, &clock);
    timer_t of_child = timer(clock, SIGEV_SIGNAL, SIGUSR1);
    set(of_child, 0, 20);
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    say("a child's CPU time", sigwaitinfo(&wanted, NULL) == SIGUSR1 ? 0 : -1);
    kill(pid, SIGKILL);
    reap("child", pid);
    timer_gettime(of_child, &left);
    say("nothing to wait for", left.it_value.tv_sec);

    struct sigevent bad = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 1000};
    timer_t id;
    say("no such signal", timer_create(CLOCK_MONOTONIC, &bad, &id));
    bad.sigev_signo = SIGUSR1;
    bad.sigev_notify = 77;
    say("no such notification", timer_create(CLOCK_MONOTONIC, &bad, &id));
    say("no such clock", timer_create(77, NULL, &id));
    say("CLOCK_MONOTONIC_RAW", timer_create(CLOCK_MONOTONIC_RAW, NULL, &id));
    say("delete", timer_delete(silent));
    int kernels = -1;
    say("by the call itself", syscall(__NR_timer_create, CLOCK_MONOTONIC, NULL, &kernels));
    say("its number", kernels);
    return 0;
}
