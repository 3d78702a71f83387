/* Reads a file twice, makes a child, and handles a signal: something for the examples to look at. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int sig)
{
    (void)sig;
}

int main(void)
{
    char text[64];
    int fd = open("/tmp/note", O_RDWR | O_CREAT, 0600);
    if (write(fd, "a few words", 11) != 11 || lseek(fd, 0, SEEK_SET))
        return 1;
    while (read(fd, text, 6) > 0)
        ;
    signal(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    if (fork() == 0)
        _exit(3);
    wait(NULL);
    return 5;
}
