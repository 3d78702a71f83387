/*
 * A process with all that tasks can do: children that end, run another program, or are killed while they wait; threads that
 * meet, and one that still waits at the end; a read that a signal interrupts and that goes on. It prints what it found.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, rounds, ends[2];
static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
    (void)signal;
    if (++alarms == 1)
        return;
    if (write(ends[1], "x", 1) != 1)
        _exit(1);
}

static void *player(void *argument)
{
    int me = argument != NULL;
    for (int round = 0; round < 20; round++) {
        pthread_mutex_lock(&lock);
        while (turn != me)
            pthread_cond_wait(&changed, &lock);
        turn = !me;
        rounds++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    return argument;
}

static void *waits_for_ever(void *argument)
{
    char byte;
    (void)argument;
    if (read(ends[0], &byte, 1) == 1)
        puts("read what nobody wrote");
    return NULL;
}

static void reap(const char *what, pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid)
        puts("waited for somebody else");
    if (WIFSIGNALED(status))
        printf("%s: killed by %s\n", what, WTERMSIG(status) == SIGKILL ? "SIGKILL" : "something");
    else
        printf("%s: exited with %d\n", what, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return 7;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (pipe(ends) != 0)
        return 1;

    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    reap("a child", pid);

    pid = vfork();
    if (pid == 0) {
        char *arguments[] = {argv[0], "again", NULL};
        execv("/proc/self/exe", arguments);
        _exit(9);
    }
    reap("another program", pid);

    pid = fork();
    if (pid == 0) {
        char byte;
        if (read(ends[0], &byte, 1) == 1)
            _exit(2);
        _exit(3);
    }
    usleep(1000);
    kill(pid, SIGKILL);
    reap("a waiting child", pid);

    pthread_t threads[2];
    for (int index = 0; index < 2; index++)
        pthread_create(&threads[index], NULL, player, index ? &lock : NULL);
    for (int index = 0; index < 2; index++)
        pthread_join(threads[index], NULL);
    printf("rounds: %d\n", rounds);

    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval time = {{0, 2000}, {0, 2000}}, none = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &time, NULL);
    char byte = 0;
    ssize_t count = read(ends[0], &byte, 1);
    setitimer(ITIMER_REAL, &none, NULL);
    printf("read %zd %c after %d alarms\n", count, byte, (int)alarms);

    pthread_t left;
    pthread_create(&left, NULL, waits_for_ever, NULL);
    usleep(1000);
    exit(3);
}
