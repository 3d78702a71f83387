/* signal(7): SIGSTOP stops all threads of a process, SIGCONT lets all go on. */
#include "../tasks.h"
#include <sys/mman.h>

static volatile long *counts;

static void *run(void *argument)
{
    for (;;) {
        counts[(long)argument]++;
        sleep_ms(1);
    }
    return NULL;
}

static void wait_for_more(void)
{
    long before[3] = {counts[0], counts[1], counts[2]};
    while (counts[0] == before[0] || counts[1] == before[1] || counts[2] == before[2])
        sleep_ms(1);
}

int main(void)
{
    counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t threads[2];
        pthread_create(&threads[0], NULL, run, (void *)1);
        pthread_create(&threads[1], NULL, run, (void *)2);
        run((void *)0);
    }
    int status;
    wait_for_more();
    puts("all run");
    for (int i = 0; i < 3; i++) {
        kill(pid, SIGSTOP);
        waitpid(pid, &status, WUNTRACED);
        ended("child", status);
        long before = counts[0] + counts[1] + counts[2];
        sleep_ms(20);
        check("none runs", counts[0] + counts[1] + counts[2] == before);
        kill(pid, SIGCONT);
        wait_for_more();
        puts("all run");
    }
    kill(pid, SIGKILL);
    reap("child", pid);
    return 0;
}
