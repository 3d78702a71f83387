/* semtimedop(2), semop(2): a wait that ends by time, by a signal, by the set's removal. */
#include "../tasks.h"
#include <sys/sem.h>

static void nothing(int sig)
{
}

int main(void)
{
    int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    struct sembuf take = {0, -1, 0};
    struct timespec limit = {0, 5000000}, begin, end, strange = {0, 1000000000};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    say("semtimedop", semtimedop(id, &take, 1, &limit));
    clock_gettime(CLOCK_MONOTONIC, &end);
    check("not too early", (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec >= 5000000);
    say("a strange time", semtimedop(id, &take, 1, &strange));
    handle(SIGALRM, nothing, SA_RESTART);
    alarms(10);
    say("interrupted, whatever SA_RESTART says", semop(id, &take, 1));
    alarms(0);
    pid_t pid = fork();
    if (pid == 0) {
        say("removed", semop(id, &take, 1));
        return 0;
    }
    while (semctl(id, 0, GETNCNT) == 0)
        sleep_ms(1);
    int result = semctl(id, 0, IPC_RMID);
    reap("child", pid);
    say("IPC_RMID", result);
    return 0;
}
