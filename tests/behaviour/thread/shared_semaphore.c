/* sem_init(3): a semaphore in a file that two processes map. */
#include "../tasks.h"
#include <semaphore.h>
#include <sys/mman.h>

int main(void)
{
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    ftruncate(fd, 4096);
    sem_t *ours = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    sem_init(&ours[0], 1, 0);
    sem_init(&ours[1], 1, 0);
    pid_t pid = fork();
    if (pid == 0) {
        munmap(ours, 4096);
        sem_t *theirs = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, open("file", O_RDWR), 0);
        for (int i = 0; i < 100; i++) {
            sem_wait(&theirs[0]);
            sem_post(&theirs[1]);
        }
        return 0;
    }
    int rounds = 0;
    for (int i = 0; i < 100; i++) {
        sem_post(&ours[0]);
        sem_wait(&ours[1]);
        rounds++;
    }
    reap("child", pid);
    say("rounds", rounds);
    unlink("file");
    return 0;
}
