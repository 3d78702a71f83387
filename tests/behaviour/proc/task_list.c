/* proc_pid_task(5): a directory for each thread. */
#include "../tasks.h"
#include <dirent.h>

static struct gate ready, go;
static pid_t tids[3];

static void *run(void *argument)
{
    tids[(long)argument] = syscall(SYS_gettid);
    pthread_setname_np(pthread_self(), argument ? "another" : "first");
    open_gate(ready);
    pass(go);
    return NULL;
}

static int list(int *known)
{
    DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    int count = 0;
    *known = 0;
    while ((entry = readdir(dir))) {
        int tid = atoi(entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        count++;
        *known += tid == getpid() || tid == tids[0] || tid == tids[1] || tid == tids[2];
    }
    closedir(dir);
    return count;
}

int main(void)
{
    pthread_t threads[3];
    int known;
    ready = new_gate();
    go = new_gate();
    say("threads", list(&known));
    for (long i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, run, (void *)i);
        pass(ready);
    }
    say("threads", list(&known));
    say("known", known);
    char name[64], text[32] = "";
    snprintf(name, sizeof name, "/proc/self/task/%d/comm", tids[0]);
    int fd = open(name, O_RDONLY);
    read(fd, text, 31);
    printf("its name: %s", text);
    snprintf(name, sizeof name, "/proc/self/task/%d/stat", tids[1]);
    fd = open(name, O_RDONLY);
    read(fd, text, 31);
    check("its id", atoi(text) == tids[1]);
    for (int i = 0; i < 3; i++)
        open_gate(go);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    /* pthread_join(3) is over when the id is cleared, a little before the task is gone. */
    for (int i = 0; i < 1000 && list(&known) > 1; i++)
        sleep_ms(1);
    say("threads", list(&known));
    say("gone", open(name, O_RDONLY));
    return 0;
}
