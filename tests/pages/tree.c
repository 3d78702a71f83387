/* Two processes, a thread, signals, waiting, and names that would like to be markup. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void *work(void *unused)
{
    struct timespec time = { 0, 1000000 };
    for (int at = 0; at < 3; at++)
        nanosleep(&time, 0);
    return 0;
}

static void handle(int signal)
{
}

int main(void)
{
    char line[64];
    pthread_t thread;
    signal(SIGUSR1, handle);
    kill(getpid(), SIGUSR1);
    mkdir("/tmp", 0777);
    int fd = open("/tmp/<img src=x onerror=alert(1)>", O_CREAT | O_RDWR, 0600);
    write(fd, "</script><script>alert(2)</script>", 34);
    close(fd);
    mkdir("/tmp/<", 0777);
    open("/tmp/</script><b>\"&'\n\x80\xff", O_CREAT | O_RDWR, 0600);
    unlink("/nothing/</title>");
    for (int at = 0; at < 300; at++) {
        struct stat status;
        sprintf(line, "/tmp/file-%d", at);
        stat(line, &status);
    }
    pthread_create(&thread, 0, work, 0);
    if (fork() == 0) {
        usleep(500);
        _exit(3);
    }
    wait(0);
    pthread_join(thread, 0);
    return 0;
}
