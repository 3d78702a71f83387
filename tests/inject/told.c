/* What a program notices of rules, told by itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int handled;
static void handler(int signal) { handled++; }

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void count(const char *who)
{
    printf("%s", who);
    for (int i = 0; i < 6; i++)
        printf(" %d", getpgid(0) == 7 ? 1 : 0);
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct sigaction action;
    char buffer[8];
    int ends[2];
    if (!strcmp(argv[1], "error")) {
        int status = chdir("/");
        printf("%d %s\n", status, strerrorname_np(errno));
        printf("%d\n", chdir("/"));
    } else if (!strcmp(argv[1], "count")) {
        count("parent");
        if (!fork()) {
            count("child");
            _exit(0);
        }
        wait(0);
    } else if (!strcmp(argv[1], "signal")) {
        memset(&action, 0, sizeof action);
        action.sa_handler = handler;
        sigaction(SIGUSR1, &action, 0);
        pipe(ends);
        /* It would wait for ever. */
        int status = read(ends[0], buffer, 1);
        printf("%d %s %d\n", status, strerrorname_np(errno), handled);
        action.sa_flags = SA_RESTART;
        sigaction(SIGUSR1, &action, 0);
        write(ends[1], "x", 1);
        status = read(ends[0], buffer, 1);
        printf("%d %d\n", status, handled);
    } else if (!strcmp(argv[1], "delay")) {
        long before = milliseconds();
        chdir("/");
        printf("%ld\n", milliseconds() - before);
    } else if (!strcmp(argv[1], "poke")) {
        pipe(ends);
        write(ends[1], "abc", 3);
        memset(buffer, 0, sizeof buffer);
        read(ends[0], buffer, 3);
        printf("%s\n", buffer);
    } else if (!strcmp(argv[1], "socket")) {
        int status = socket(AF_UNIX, SOCK_STREAM, 0);
        printf("%d %s\n", status, strerrorname_np(errno));
    }
    return 0;
}
