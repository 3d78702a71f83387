/* shmget(2): a key names one segment for all; IPC_EXCL, sizes that don't fit, exec lets go. */
#include "../tasks.h"
#include <sys/shm.h>

int main(int argc, char **argv)
{
    struct shmid_ds state;
    if (argc > 1) {
        shmctl(atoi(argv[1]), IPC_STAT, &state);
        say("attached after execve", state.shm_nattch);
        return 0;
    }
    put("file", "");
    key_t key = ftok("file", 'e');
    check("ftok", key != -1);
    say("absent", shmget(key, 100, 0));
    int id = shmget(key, 100, IPC_CREAT | IPC_EXCL | 0600);
    check("made", id >= 0);
    check("found", shmget(key, 0, 0) == id && shmget(key, 100, IPC_CREAT) == id);
    say("IPC_EXCL", shmget(key, 100, IPC_CREAT | IPC_EXCL));
    say("larger", shmget(key, 200, 0));
    say("of nothing", shmget(IPC_PRIVATE, 0, IPC_CREAT));
    char *map = shmat(id, NULL, 0);
    strcpy(map, "kept");
    char text[16];
    snprintf(text, sizeof text, "%d", id);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "second", text, NULL);
        _exit(127);
    }
    reap("child", pid);
    shmdt(map);
    map = shmat(id, NULL, SHM_RDONLY);
    puts(map);
    say("not a place for it", shmat(id, (void *)1, 0) == (void *)-1 ? -1 : 0);
    say("IPC_RMID", shmctl(id, IPC_RMID, NULL));
    say("the key is free", shmget(key, 100, 0));
    say("a command that isn't one", shmctl(id, 999, NULL));
    unlink("file");
    return 0;
}
