/* shmget(2), shmat(2), shmctl(2): a segment's life: made, attached by two processes, marked for removal, gone with the last. */
#include "../tasks.h"
#include <sys/shm.h>

int main(void)
{
    int id = shmget(IPC_PRIVATE, 10000, IPC_CREAT | 0640);
    check("shmget", id >= 0);
    struct shmid_ds state;
    say("IPC_STAT", shmctl(id, IPC_STAT, &state));
    say("size", state.shm_segsz);
    printf("mode %o\n", state.shm_perm.mode);
    check("the maker", state.shm_cpid == getpid() && state.shm_perm.uid == geteuid());
    say("attached", state.shm_nattch);
    int *map = shmat(id, NULL, 0);
    check("shmat", map != (void *)-1);
    say("zero", map[0] | map[2499]);
    map[0] = 1;
    pid_t pid = fork();
    if (pid == 0) {
        shmctl(id, IPC_STAT, &state);
        say("inherited", state.shm_nattch);
        int *again = shmat(id, NULL, SHM_RDONLY);
        check("elsewhere", again != map);
        say("reads", again[0]);
        map[0] = 2;
        say("the same memory", again[0]);
        shmctl(id, IPC_STAT, &state);
        say("attached", state.shm_nattch);
        say("shmdt", shmdt(again));
        return 0;
    }
    reap("child", pid);
    say("reads", map[0]);
    shmctl(id, IPC_STAT, &state);
    say("attached", state.shm_nattch);
    check("the last was the child", state.shm_lpid == pid);
    say("IPC_RMID", shmctl(id, IPC_RMID, NULL));
    say("still there while attached", shmctl(id, IPC_STAT, &state));
    check("SHM_DEST", state.shm_perm.mode & SHM_DEST);
    say("reads", map[0]);
    say("shmdt", shmdt(map));
    say("gone", shmctl(id, IPC_STAT, &state));
    say("shmat", shmat(id, NULL, 0) == (void *)-1 ? -1 : 0);
    say("shmdt again", shmdt(map));
    return 0;
}
