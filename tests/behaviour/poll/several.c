/* poll(2): of several descriptors, those that are ready. */
#include "../tasks.h"
#include <poll.h>

int main(void)
{
    enum { count = 20 };
    int fds[count][2];
    volatile nfds_t many = 1u << 31;
    struct pollfd *volatile nowhere = (void *)8;
    struct pollfd polls[count];
    char byte;
    for (int i = 0; i < count; i++) {
        pipe(fds[i]);
        polls[i] = (struct pollfd){fds[i][0], POLLIN, 0};
    }
    struct gate done = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < count; i += 3)
            write(fds[i][1], "x", 1);
        open_gate(done);
        return 0;
    }
    pass(done);
    say("poll", poll(polls, count, -1));
    for (int i = 0; i < count; i++)
        if (polls[i].revents)
            printf(" %d", i);
    puts("");
    for (int i = 0; i < count; i += 6)
        read(fds[i][0], &byte, 1);
    polls[3].fd = -1;
    say("poll", poll(polls, count, 0));
    for (int i = 0; i < count; i++)
        if (polls[i].revents)
            printf(" %d", i);
    puts("");
    reap("child", pid);
    say("more than can be open", poll(polls, many, 0));
    say("nowhere", poll(nowhere, 1, 0));
    return 0;
}
