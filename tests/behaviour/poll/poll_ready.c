/* poll(2), select(2): what is ready at once; a timeout that passes. */
#include "../say.h"
#include <poll.h>
#include <sys/select.h>

int main(void)
{
    int ends[2];
    put("file", "");
    pipe(ends);
    struct pollfd polls[] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}, {open("file", O_RDWR), POLLIN | POLLOUT, 0}, {-1, POLLIN, 9}, {999, POLLIN, 0}};
    say("poll", poll(polls, 5, 0));
    for (int i = 0; i < 5; i++)
        printf("%s%s%s%s\n", polls[i].revents & POLLIN ? "in " : "", polls[i].revents & POLLOUT ? "out " : "", polls[i].revents & POLLHUP ? "hup " : "",
            polls[i].revents & POLLNVAL ? "nval " : "");
    say("nothing for 10 ms", poll(polls, 1, 10));
    write(ends[1], "x", 1);
    say("poll", poll(polls, 1, 1000));
    fd_set readers, writers;
    FD_ZERO(&readers);
    FD_ZERO(&writers);
    FD_SET(ends[0], &readers);
    FD_SET(ends[1], &writers);
    struct timeval timeout = {1, 0};
    say("select", select(ends[1] + 1, &readers, &writers, NULL, &timeout));
    printf("%d %d\n", FD_ISSET(ends[0], &readers) != 0, FD_ISSET(ends[1], &writers) != 0);
    close(ends[1]);
    char byte;
    read(ends[0], &byte, 1);
    say("poll", poll(polls, 1, 1000));
    check("hung up", polls[0].revents == POLLHUP);
    unlink("file");
    return 0;
}
