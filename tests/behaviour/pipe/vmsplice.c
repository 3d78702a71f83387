/* vmsplice(2): memory goes into a pipe, and out of it. */
#include "../tasks.h"
#include <sys/uio.h>

int main(void)
{
    int fds[2];
    static char first[5000], second[100], out[6000];
    pipe(fds);
    memset(first, 'f', sizeof first);
    memset(second, 's', sizeof second);
    struct iovec parts[2] = {{first, sizeof first}, {second, sizeof second}};
    say("vmsplice", vmsplice(fds[1], parts, 2, 0));
    say("read", read(fds[0], out, sizeof out));
    printf("%c %c %c %c\n", out[0], out[4999], out[5000], out[5099]);
    write(fds[1], "xyz", 3);
    struct iovec into = {out, 100};
    say("out of it", vmsplice(fds[0], &into, 1, 0));
    printf("%.3s\n", out);
    say("not a pipe", vmsplice(open("/dev/null", O_WRONLY), parts, 1, 0));
    return 0;
}
