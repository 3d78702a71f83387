/* pthread_rwlock_rdlock(3): many may read, or one write. */
#include "../tasks.h"

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct gate ready, go;
static long first, second, torn;

static void *holds(void *argument)
{
    pthread_rwlock_rdlock(&lock);
    open_gate(ready);
    pass(go);
    pthread_rwlock_unlock(&lock);
    return NULL;
}

static void *writes(void *argument)
{
    for (int i = 0; i < 500; i++) {
        pthread_rwlock_wrlock(&lock);
        first++;
        second++;
        pthread_rwlock_unlock(&lock);
    }
    return NULL;
}

static void *reads(void *argument)
{
    for (int i = 0; i < 500; i++) {
        pthread_rwlock_rdlock(&lock);
        if (first != second)
            __atomic_fetch_add(&torn, 1, __ATOMIC_SEQ_CST);
        pthread_rwlock_unlock(&lock);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[6];
    ready = new_gate();
    go = new_gate();
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, holds, NULL);
    for (int i = 0; i < 3; i++)
        pass(ready);
    printf("read too: %s\n", strerror(pthread_rwlock_tryrdlock(&lock)));
    pthread_rwlock_unlock(&lock);
    printf("write: %s\n", strerror(pthread_rwlock_trywrlock(&lock)));
    for (int i = 0; i < 3; i++)
        open_gate(go);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    printf("write: %s\n", strerror(pthread_rwlock_trywrlock(&lock)));
    printf("read: %s\n", strerror(pthread_rwlock_tryrdlock(&lock)));
    pthread_rwlock_unlock(&lock);
    for (int i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, i % 2 ? writes : reads, NULL);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    say("written", first);
    say("torn", torn);
    return 0;
}
