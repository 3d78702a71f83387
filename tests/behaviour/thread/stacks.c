/* pthread_attr_setstacksize(3), pthread_attr_setstack(3), pthread_attr_setguardsize(3): as large as asked for, where asked for. */
#include "../tasks.h"
#include <sys/mman.h>

static void *deep(void *argument)
{
    volatile char space[1 << 20];
    for (int i = 0; i < 1 << 20; i += 4096)
        space[i] = 1;
    return (void *)(long)space[4096];
}

static void *where(void *argument)
{
    char local;
    return (void *)(long)(&local >= (char *)argument && &local < (char *)argument + (1 << 18));
}

static void *over(void *argument)
{
    pthread_attr_t attributes;
    void *low;
    size_t size;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &low, &size);
    check("the size", size >= 1 << 18 && size < (1 << 18) + (1 << 17));
    *((volatile char *)low - 1) = 1;
    puts("no guard");
    return NULL;
}

int main(void)
{
    pthread_t thread;
    pthread_attr_t attributes;
    void *result;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 2 << 20);
    printf("create: %d\n", pthread_create(&thread, &attributes, deep, NULL));
    pthread_join(thread, &result);
    say("a megabyte used", (long)result);
    char *space = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, space, 1 << 18);
    printf("create: %d\n", pthread_create(&thread, &attributes, where, space));
    pthread_join(thread, &result);
    say("on it", (long)result);
    printf("too small: %s\n", strerror(pthread_attr_setstacksize(&attributes, 100)));
    pid_t pid = fork();
    if (pid == 0) {
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 1 << 18);
        pthread_create(&thread, &attributes, over, NULL);
        pthread_join(thread, NULL);
        return 0;
    }
    reap("below the stack", pid);
    return 0;
}
