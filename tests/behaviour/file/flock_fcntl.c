/* flock(2), fcntl(2): locks on a file, between two opens of it and within one process. */
#include "../say.h"
#include <sys/file.h>

int main(void)
{
    put("file", "0123456789");
    int one = open("file", O_RDWR), two = open("file", O_RDWR);
    say("exclusive", flock(one, LOCK_EX));
    say("another open's", flock(two, LOCK_EX | LOCK_NB));
    say("its own once more", flock(one, LOCK_SH));
    say("another's shared", flock(two, LOCK_SH | LOCK_NB));
    say("exclusive again", flock(one, LOCK_EX | LOCK_NB));
    say("unlock", flock(two, LOCK_UN));
    say("exclusive again", flock(one, LOCK_EX | LOCK_NB));
    close(one);
    say("after close", flock(two, LOCK_EX | LOCK_NB));
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2, .l_len = 3};
    say("F_SETLK", fcntl(two, F_SETLK, &lock));
    one = open("file", O_RDWR);
    say("the same process", fcntl(one, F_SETLK, &lock));
    say("F_GETLK", fcntl(one, F_GETLK, &lock));
    check("no one else's", lock.l_type == F_UNLCK);
    lock.l_type = 99;
    say("no such kind", fcntl(one, F_SETLK, &lock));
    say("no such way", flock(one, 77));
    unlink("file");
    return 0;
}
