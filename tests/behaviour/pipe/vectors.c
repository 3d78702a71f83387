/* readv(2), writev(2): of a pipe, in parts; a read takes what there is. */
#include "../tasks.h"
#include <sys/uio.h>

int main(void)
{
    int fds[2];
    volatile int less = -1, more = 2000;
    char first[4] = "", second[4] = "", third[8] = "";
    pipe(fds);
    struct iovec out[3] = {{"abc", 3}, {"", 0}, {"defgh", 5}};
    say("writev", writev(fds[1], out, 3));
    struct iovec in[3] = {{first, 3}, {second, 3}, {third, 7}};
    say("readv", readv(fds[0], in, 3));
    printf("%s %s %s\n", first, second, third);
    write(fds[1], "xy", 2);
    say("less than asked for", readv(fds[0], in, 3));
    say("none", readv(fds[0], in, 0));
    in[1].iov_base = (void *)8;
    write(fds[1], "123456", 6);
    say("partly nowhere", readv(fds[0], in, 2));
    say("less than no parts", writev(fds[1], out, less));
    say("too many parts", writev(fds[1], out, more));
    return 0;
}
