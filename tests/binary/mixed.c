// What programs do most: thousands of calls on files, memory and time, a child, and a signal.

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int caught;

static void on_signal(int signal) { caught += signal == SIGUSR1; }

static void work(int round)
{
    char name[64], buffer[4096];
    snprintf(name, sizeof name, "/tmp/file-%d", round % 40);
    int fd = open(name, O_RDWR | O_CREAT, 0644);
    int len = snprintf(buffer, sizeof buffer, "line %d of a file of some length\n", round);
    if (write(fd, buffer, len) != len) _exit(2);
    struct stat st;
    fstat(fd, &st);
    lseek(fd, 0, SEEK_SET);
    if (read(fd, buffer, sizeof buffer) <= 0) _exit(3);
    close(fd);
    stat("/tmp/nothing", &st);
    access(name, R_OK);
    void *at = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(at, 1, 100);
    munmap(at, 65536);
    getppid();
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, 0);
    for (int round = 0; round < 500; round++) work(round);
    pid_t child = fork();
    if (child == 0) {
        work(1);
        kill(getppid(), SIGUSR1);
        _exit(7);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {}
    printf("child ended with %d, caught %d\n", WEXITSTATUS(status), caught);
    return 0;
}
