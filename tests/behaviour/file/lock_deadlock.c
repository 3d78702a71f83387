/* fcntl(2): two processes that would wait for each other for ever: one is told EDEADLK. */
#include "../tasks.h"

static int fd;

static int lock(int type, off_t start, int command)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = 1};
    return fcntl(fd, command, &lock);
}

int main(void)
{
    put("file", "0123456789");
    fd = open("file", O_RDWR);
    struct gate ready = new_gate(), go = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        say("child locks 1", lock(F_WRLCK, 1, F_SETLK));
        open_gate(ready);
        pass(go);
        int result = lock(F_WRLCK, 0, F_SETLKW);
        return result == 0 ? 0 : errno == EDEADLK ? 1 : 2;
    }
    pass(ready);
    say("parent locks 0", lock(F_WRLCK, 0, F_SETLK));
    open_gate(go);
    int result = lock(F_WRLCK, 1, F_SETLKW), parent_told = result == -1 && errno == EDEADLK;
    if (parent_told)
        lock(F_UNLCK, 0, F_SETLK);
    int status;
    waitpid(pid, &status, 0);
    int child_told = WEXITSTATUS(status) == 1;
    say("told EDEADLK", parent_told + child_told);
    check("the other has its lock", parent_told ? WEXITSTATUS(status) == 0 : result == 0);
    unlink("file");
    return 0;
}
