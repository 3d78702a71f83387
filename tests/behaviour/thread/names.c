/* pthread_setname_np(3), PR_SET_NAME(2const): every thread has a name, which it begins with its maker's. */
#include "../tasks.h"
#include <sys/prctl.h>

static struct gate ready, go;

static void *run(void *argument)
{
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    printf("begins as %s\n", name);
    open_gate(ready);
    pass(go);
    prctl(PR_GET_NAME, name);
    printf("ends as %s\n", name);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    char name[16] = "", text[64];
    ready = new_gate();
    go = new_gate();
    pthread_setname_np(pthread_self(), "the first");
    pthread_create(&thread, NULL, run, NULL);
    pass(ready);
    printf("setname: %s\n", strerror(pthread_setname_np(thread, "the second")));
    printf("too long: %s\n", strerror(pthread_setname_np(thread, "a name of more than fifteen")));
    printf("getname: %s\n", strerror(pthread_getname_np(thread, name, sizeof name)));
    puts(name);
    open_gate(go);
    pthread_join(thread, NULL);
    prctl(PR_GET_NAME, name);
    printf("main is %s\n", name);
    return 0;
}
