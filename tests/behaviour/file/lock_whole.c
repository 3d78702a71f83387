/* flock(2): a lock belongs to the open file: its copies share it, another open waits for it. */
#include "../tasks.h"
#include <sys/file.h>

int main(void)
{
    put("file", "text");
    int fd = open("file", O_RDONLY), copy = dup(fd);
    struct gate ready = new_gate(), go = new_gate();
    say("LOCK_EX", flock(fd, LOCK_EX));
    pid_t pid = fork();
    if (pid == 0) {
        say("the inherited one", flock(fd, LOCK_EX | LOCK_NB));
        int own = open("file", O_RDONLY);
        say("one's own", flock(own, LOCK_EX | LOCK_NB));
        say("shared", flock(own, LOCK_SH | LOCK_NB));
        open_gate(ready);
        say("waits", flock(own, LOCK_SH));
        open_gate(ready);
        pass(go);
        return 0;
    }
    pass(ready);
    sleep_ms(2);
    int result = flock(copy, LOCK_UN);
    pass(ready);
    say("LOCK_UN of a copy", result);
    int other = open("file", O_RDONLY);
    say("shared too", flock(other, LOCK_SH | LOCK_NB));
    say("upgrade", flock(other, LOCK_EX | LOCK_NB));
    open_gate(go);
    reap("child", pid);
    say("lost by the attempt, or free by the child's end", flock(other, LOCK_EX | LOCK_NB));
    close(other);
    say("free by close", flock(fd, LOCK_EX | LOCK_NB));
    say("an operation that isn't one", flock(fd, 16));
    unlink("file");
    return 0;
}
