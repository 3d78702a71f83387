/* sem_wait(3), sem_post(3): a bounded queue of four between two makers and two takers. */
#include "../tasks.h"
#include <semaphore.h>

enum { size = 4, each = 300 };
static sem_t room, things, turn;
static int queue[size], in, out;
static long sum;

static void *make(void *argument)
{
    for (int i = 1; i <= each; i++) {
        sem_wait(&room);
        sem_wait(&turn);
        queue[in++ % size] = i;
        sem_post(&turn);
        sem_post(&things);
    }
    return NULL;
}

static void *take(void *argument)
{
    for (int i = 0; i < each; i++) {
        sem_wait(&things);
        sem_wait(&turn);
        sum += queue[out++ % size];
        sem_post(&turn);
        sem_post(&room);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    sem_init(&room, 0, size);
    sem_init(&things, 0, 0);
    sem_init(&turn, 0, 1);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, i % 2 ? make : take, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    say("sum", sum);
    int value;
    say("sem_getvalue", sem_getvalue(&room, &value));
    say("room", value);
    say("sem_trywait", sem_trywait(&things));
    struct timespec past = {1, 0};
    say("sem_timedwait", sem_timedwait(&things, &past));
    say("sem_post", sem_post(&things));
    say("sem_timedwait", sem_timedwait(&things, &past));
    return 0;
}
