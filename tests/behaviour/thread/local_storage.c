/* pthreads(7): __thread variables are each thread's own, and begin as they were written. */
#include "../tasks.h"

static __thread int value = 5;
static __thread char text[100] = "fresh";
static __thread int zero[1000];
static struct gate ready, go[3];

static void *run(void *argument)
{
    printf("begins: %d %s %d\n", value, text, zero[999]);
    value = (long)argument;
    zero[999] = value;
    snprintf(text, sizeof text, "of %ld", (long)argument);
    open_gate(ready);
    pass(go[(long)argument]);
    printf("ends: %d %s %d\n", value, text, zero[999]);
    return &value;
}

int main(void)
{
    pthread_t threads[3];
    void *addresses[3];
    ready = new_gate();
    value = 100;
    for (long i = 0; i < 3; i++) {
        go[i] = new_gate();
        pthread_create(&threads[i], NULL, run, (void *)i);
        pass(ready);
    }
    printf("main: %d %s\n", value, text);
    for (int i = 0; i < 3; i++) {
        open_gate(go[i]);
        pthread_join(threads[i], &addresses[i]);
    }
    check("three addresses", addresses[0] != addresses[1] && addresses[1] != addresses[2] && addresses[0] != (void *)&value);
    pid_t pid = fork();
    if (pid == 0) {
        printf("child: %d\n", value);
        return 0;
    }
    reap("child", pid);
    return 0;
}
