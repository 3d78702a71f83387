/* semget(2), semop(2), semctl(2): sets of numbers that are waited for, all at once or not at all. */
#include "../tasks.h"
#include <sys/sem.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

int main(void)
{
    int id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
    check("semget", id >= 0);
    unsigned short values[3] = {5, 0, 2};
    struct semid_ds state;
    say("SETALL", semctl(id, 0, SETALL, (union semun){.array = values}));
    say("GETVAL", semctl(id, 2, GETVAL));
    say("SETVAL", semctl(id, 1, SETVAL, (union semun){.val = 7}));
    say("IPC_STAT", semctl(id, 0, IPC_STAT, (union semun){.buf = &state}));
    say("how many", state.sem_nsems);
    struct sembuf two[2] = {{0, -3, IPC_NOWAIT}, {2, -3, IPC_NOWAIT}};
    say("one of two can't", semop(id, two, 2));
    say("neither was done", semctl(id, 0, GETVAL));
    two[1].sem_op = -2;
    say("both can", semop(id, two, 2));
    semctl(id, 0, GETALL, (union semun){.array = values});
    printf("%d %d %d\n", values[0], values[1], values[2]);
    say("wait for zero", semop(id, &(struct sembuf){2, 0, 0}, 1));
    say("not zero", semop(id, &(struct sembuf){1, 0, IPC_NOWAIT}, 1));
    check("GETPID", semctl(id, 2, GETPID) == getpid());
    say("no such number", semop(id, &(struct sembuf){3, 1, 0}, 1));
    say("too much", semop(id, &(struct sembuf){1, 32767, 0}, 1));
    say("too many", semctl(id, 1, SETVAL, (union semun){.val = 40000}));
    pid_t pid = fork();
    if (pid == 0) {
        say("child waits", semop(id, &(struct sembuf){2, -4, 0}, 1));
        return 0;
    }
    while (semctl(id, 2, GETNCNT) == 0)
        sleep_ms(1);
    say("GETNCNT", semctl(id, 2, GETNCNT));
    semop(id, &(struct sembuf){2, 3, 0}, 1);
    say("not enough", semctl(id, 2, GETNCNT));
    semop(id, &(struct sembuf){2, 1, 0}, 1);
    reap("child", pid);
    say("left", semctl(id, 2, GETVAL));
    pid = fork();
    if (pid == 0) {
        say("child waits for zero", semop(id, &(struct sembuf){0, 0, 0}, 1));
        return 0;
    }
    while (semctl(id, 0, GETZCNT) == 0)
        sleep_ms(1);
    semop(id, &(struct sembuf){0, -2, 0}, 1);
    reap("child", pid);
    say("IPC_RMID", semctl(id, 0, IPC_RMID));
    say("gone", semop(id, &(struct sembuf){0, 1, 0}, 1));
    return 0;
}
