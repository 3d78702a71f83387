/* pthread_cond_wait(3): two threads take turns. */
#include "../tasks.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static int turn, rounds;

static void *play(void *argument)
{
    int me = (long)argument;
    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != me)
            pthread_cond_wait(&turned, &mutex);
        turn = 1 - me;
        rounds++;
        if (i < 3)
            puts(me ? "pong" : "ping");
        pthread_cond_signal(&turned);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (long i = 1; i >= 0; i--)
        pthread_create(&threads[i], NULL, play, (void *)i);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    say("rounds", rounds);
    return 0;
}
