/* setrlimit(2): RLIMIT_NOFILE is one more than the highest descriptor that can be opened; those open beyond it stay. */
#include "../tasks.h"
#include <sys/resource.h>
#include <sys/socket.h>

int main(void)
{
    struct rlimit limit = {20, 20};
    int fds[2], high = dup2(1, 60), count = 0, last = -1, fd;
    say("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
    while ((fd = open("/dev/null", O_RDONLY)) >= 0)
        last = fd;
    say("open", fd);
    say("the last", last);
    say("dup", dup(1));
    say("dup2 to 20", dup2(1, 20));
    say("dup2 to 19", dup2(1, 19));
    say("F_DUPFD from 20", fcntl(1, F_DUPFD, 20));
    say("pipe", pipe(fds));
    say("socket", socket(AF_UNIX, SOCK_STREAM, 0));
    say("beyond it, still open", fcntl(high, F_GETFD));
    close(10);
    say("pipe with room for one", pipe(fds));
    say("open with room for one", open("/dev/null", O_RDONLY));
    limit.rlim_cur = 10;
    say("lower yet", setrlimit(RLIMIT_NOFILE, &limit));
    close(5);
    say("a free one below", open("/dev/null", O_RDONLY));
    limit.rlim_cur = 30;
    say("more than the hard one", setrlimit(RLIMIT_NOFILE, &limit));
    return 0;
}
