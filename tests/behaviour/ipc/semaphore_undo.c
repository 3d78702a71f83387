/* semop(2): with SEM_UNDO what a process did is undone at its end. */
#include "../tasks.h"
#include <sys/sem.h>

union semun {
    int val;
};

int main(void)
{
    int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    semctl(id, 0, SETVAL, (union semun){.val = 3});
    for (int undo = 0; undo < 2; undo++) {
        pid_t pid = fork();
        if (pid == 0) {
            semop(id, &(struct sembuf){0, -2, undo ? SEM_UNDO : 0}, 1);
            semop(id, &(struct sembuf){0, 1, undo ? SEM_UNDO : 0}, 1);
            return semctl(id, 0, GETVAL);
        }
        reap(undo ? "with SEM_UNDO" : "without", pid);
        say("afterwards", semctl(id, 0, GETVAL));
    }
    struct gate ready = new_gate();
    semctl(id, 0, SETVAL, (union semun){.val = 1});
    pid_t pid = fork();
    if (pid == 0) {
        semop(id, &(struct sembuf){0, -1, SEM_UNDO}, 1);
        open_gate(ready);
        for (;;)
            pause();
    }
    pass(ready);
    say("held", semop(id, &(struct sembuf){0, -1, IPC_NOWAIT}, 1));
    kill(pid, SIGKILL);
    say("given back by its end", semop(id, &(struct sembuf){0, -1, 0}, 1));
    reap("child", pid);
    semctl(id, 0, IPC_RMID);
    return 0;
}
