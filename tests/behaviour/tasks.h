/*
 * What programs of several processes or threads have in common. Their lines leave at once, so that a fork copies none of
 * them and they stay in the order in which they were printed; the order itself comes from waits and gates, never from sleep.
 */
#include "say.h"
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#ifndef __GLIBC__
/* What other C libraries lack. */
static const char *sigabbrev_np(int number)
{
#define NAMED(name) if (number == SIG##name) return #name;
    NAMED(HUP) NAMED(INT) NAMED(QUIT) NAMED(ILL) NAMED(TRAP) NAMED(ABRT) NAMED(BUS) NAMED(FPE) NAMED(KILL)
    NAMED(USR1) NAMED(SEGV) NAMED(USR2) NAMED(PIPE) NAMED(ALRM) NAMED(TERM) NAMED(CHLD) NAMED(CONT) NAMED(STOP)
    NAMED(TSTP) NAMED(TTIN) NAMED(TTOU) NAMED(URG) NAMED(XCPU) NAMED(XFSZ) NAMED(VTALRM) NAMED(PROF) NAMED(WINCH)
    NAMED(IO) NAMED(PWR) NAMED(SYS)
#undef NAMED
    return NULL;
}
#endif

__attribute__((constructor)) static void line_by_line(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
}

/* A signal's name, which is the same everywhere where its number is not. */
static inline const char *signame(int sig)
{
    static char real_time[32];
    const char *name = sigabbrev_np(sig);
    if (name)
        return name;
    snprintf(real_time, sizeof real_time, "RTMIN+%d", sig - SIGRTMIN);
    return real_time;
}

/* What a status of wait(2) tells. */
static inline void ended(const char *what, int status)
{
    if (WIFEXITED(status))
        printf("%s: exited with %d\n", what, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s: killed by %s\n", what, signame(WTERMSIG(status)));
    else if (WIFSTOPPED(status))
        printf("%s: stopped by %s\n", what, signame(WSTOPSIG(status)));
    else if (WIFCONTINUED(status))
        printf("%s: continued\n", what);
    else
        printf("%s: a strange status\n", what);
}

/* Waits for the end of a child and tells it. */
static inline void reap(const char *what, pid_t pid)
{
    int status;
    pid_t found;
    do
        found = waitpid(pid, &status, __WALL);
    while (found == -1 && errno == EINTR);
    if (found == -1)
        say(what, -1);
    else
        ended(what, status);
}

static inline void sleep_ms(int ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000L};
    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        ;
}

/* A gate holds whoever comes until it is opened, once for each: among threads, and among processes that were forked after. */
struct gate {
    int out, in;
};

static inline struct gate new_gate(void)
{
    int fds[2];
    if (pipe(fds))
        say("pipe", -1);
    return (struct gate){fds[0], fds[1]};
}

static inline void open_gate(struct gate gate)
{
    if (write(gate.in, "", 1) != 1)
        say("open_gate", -1);
}

static inline void pass(struct gate gate)
{
    char byte;
    ssize_t got;
    do
        got = read(gate.out, &byte, 1);
    while (got == -1 && errno == EINTR);
    if (got != 1)
        say("pass", got);
}

/* sigaction(2) in one line. */
static inline void handle(int sig, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    if (sigaction(sig, &action, NULL))
        say("sigaction", -1);
}

static inline void handle_info(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};
    if (sigaction(sig, &action, NULL))
        say("sigaction", -1);
}

/* Blocks or lets through a signal of the calling thread. */
static inline void mask(int how, int sig)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    if (pthread_sigmask(how, &set, NULL))
        puts("pthread_sigmask fails");
}

/* SIGALRM comes after some milliseconds, and again and again: whoever waits for one can't miss the last. */
#include <sys/time.h>
static inline void alarms(int ms)
{
    struct itimerval every = {{0, ms * 1000}, {0, ms * 1000}};
    if (setitimer(ITIMER_REAL, &every, NULL))
        say("setitimer", -1);
}
