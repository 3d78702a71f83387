/* unshare(2), CLONE_SYSVSEM: what semop was to undo at the end is undone now. */
#include "../tasks.h"
#include <sched.h>
#include <sys/sem.h>

int main(void)
{
    int set = semget(IPC_PRIVATE, 1, 0600);
    struct sembuf add = {0, 3, SEM_UNDO};
    say("add", semop(set, &add, 1));
    say("value", semctl(set, 0, GETVAL));
    say("unshare", unshare(CLONE_SYSVSEM));
    say("value", semctl(set, 0, GETVAL));
    say("add", semop(set, &add, 1));
    say("unshare the files", unshare(CLONE_FILES));
    say("value", semctl(set, 0, GETVAL));
    semctl(set, 0, IPC_RMID);
    return 0;
}
