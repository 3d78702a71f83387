/* fcntl(2): record locks are a process's: parts of a file, not inherited, gone with any close. */
#include "../tasks.h"

static int fd;

static int lock(int type, off_t start, off_t length, int wait_for_it)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, wait_for_it ? F_SETLKW : F_SETLK, &lock);
}

static void ask(const char *what, int type, off_t start, off_t length, pid_t owner)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    say(what, fcntl(fd, F_GETLK, &lock));
    if (lock.l_type == F_UNLCK)
        puts("  free");
    else
        printf("  %s %lld+%lld, %s\n", lock.l_type == F_WRLCK ? "write" : "read", (long long)lock.l_start, (long long)lock.l_len,
            lock.l_pid == owner ? "of the parent" : "of another");
}

int main(void)
{
    put("file", "0123456789");
    fd = open("file", O_RDWR);
    struct gate ready = new_gate(), go = new_gate();
    pid_t parent = getpid();
    say("write 2+3", lock(F_WRLCK, 2, 3, 0));
    say("read 8+", lock(F_RDLCK, 8, 0, 0));
    pid_t pid = fork();
    if (pid == 0) {
        ask("0+2", F_WRLCK, 0, 2, parent);
        ask("0+10", F_WRLCK, 0, 10, parent);
        ask("8+1 to read", F_RDLCK, 8, 1, parent);
        ask("9+1 to write", F_WRLCK, 9, 1, parent);
        say("set 4+1", lock(F_WRLCK, 4, 1, 0));
        say("set 5+3", lock(F_WRLCK, 5, 3, 0));
        say("read 9+1", lock(F_RDLCK, 9, 1, 0));
        open_gate(ready);
        say("waits", lock(F_WRLCK, 3, 1, 1));
        ask("the rest of the parent's", F_WRLCK, 0, 5, parent);
        open_gate(ready);
        pass(go);
        ask("all gone with a close", F_WRLCK, 0, 0, parent);
        return 0;
    }
    pass(ready);
    sleep_ms(2);
    int result = lock(F_UNLCK, 3, 1, 0);
    pass(ready);
    say("unlock 3+1", result);
    ask("one's own are not told", F_WRLCK, 2, 1, parent);
    close(open("file", O_RDONLY));
    open_gate(go);
    reap("child", pid);
    say("end before the beginning", lock(F_WRLCK, -1, 1, 0));
    say("a type that isn't one", lock(77, 0, 1, 0));
    close(fd);
    fd = open("file", O_RDONLY);
    say("write lock of a reader", lock(F_WRLCK, 0, 1, 0));
    unlink("file");
    return 0;
}
