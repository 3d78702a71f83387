/* pthread_mutexattr_setpshared(3): a mutex and a condition in shared memory work between processes. */
#include "../tasks.h"
#include <sys/mman.h>

struct shared {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int turn, count;
};

int main(void)
{
    struct shared *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&shared->mutex, &mutex);
    pthread_condattr_init(&condition);
    pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&shared->changed, &condition);
    pid_t pids[4];
    for (int i = 0; i < 4; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            for (int j = 0; j < 50; j++) {
                pthread_mutex_lock(&shared->mutex);
                while (shared->turn != i)
                    pthread_cond_wait(&shared->changed, &shared->mutex);
                shared->turn = (i + 1) % 4;
                shared->count++;
                pthread_cond_broadcast(&shared->changed);
                pthread_mutex_unlock(&shared->mutex);
            }
            return i;
        }
    }
    for (int i = 0; i < 4; i++)
        reap("child", pids[i]);
    say("count", shared->count);
    return 0;
}
