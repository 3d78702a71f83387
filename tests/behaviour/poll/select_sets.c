/* select(2), pselect(2): three sets of descriptors, of which those remain that are ready. */
#include "../tasks.h"
#include <sys/select.h>

static void tell(const char *what, int result, fd_set *set)
{
    printf("%s: %d:", what, result);
    for (int fd = 0; fd < 64; fd++)
        if (FD_ISSET(fd, set))
            printf(" %d", fd);
    puts("");
}

int main(void)
{
    int fds[2];
    fd_set in, out;
    pipe(fds);
    dup2(fds[0], 40);
    dup2(fds[1], 41);
    dup2(fds[0], 42);
    struct timeval now = {0, 0};
    FD_ZERO(&in);
    FD_SET(40, &in);
    FD_SET(42, &in);
    out = in;
    FD_SET(41, &out);
    int result = select(43, &in, &out, NULL, &now);
    tell("to write", result, &out);
    tell("to read", result, &in);
    write(fds[1], "x", 1);
    FD_SET(40, &in);
    FD_SET(42, &in);
    tell("to read", select(43, &in, NULL, NULL, &now), &in);
    FD_SET(40, &in);
    FD_SET(42, &in);
    result = select(42, &in, NULL, NULL, &now);
    say("below 42 only", result * 10 + (FD_ISSET(40, &in) != 0));
    FD_ZERO(&in);
    FD_SET(45, &in);
    say("one that isn't open", select(46, &in, NULL, NULL, &now));
    say("less than none", select(-1, NULL, NULL, NULL, &now));
    struct timespec span = {0, 0};
    FD_ZERO(&in);
    FD_SET(40, &in);
    tell("pselect", pselect(41, &in, NULL, NULL, &span, NULL), &in);
    say("time as it was", span.tv_sec + span.tv_nsec);
    return 0;
}
