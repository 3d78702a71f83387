/* pty(7), setsid(2): when the upper end closes, the session's leader is sent SIGHUP, and reads the end. */
#include "../tasks.h"
#include <poll.h>
#include <sys/ioctl.h>

static volatile int got;

static void note(int sig)
{
    got = sig;
}

int main(void)
{
    for (int handled = 0; handled < 2; handled++) {
        int master = posix_openpt(O_RDWR | O_NOCTTY);
        grantpt(master);
        unlockpt(master);
        char name[64];
        ptsname_r(master, name, sizeof name);
        struct gate ready = new_gate();
        pid_t pid = fork();
        if (pid == 0) {
            close(master);
            setsid();
            int slave = open(name, O_RDWR);
            sigset_t none;
            sigemptyset(&none);
            mask(SIG_BLOCK, SIGHUP);
            if (handled)
                handle(SIGHUP, note, 0);
            open_gate(ready);
            sigsuspend(&none);
            printf("%s\n", signame(got));
            char byte;
            say("read", read(slave, &byte, 1));
            say("write", write(slave, "x", 1));
            struct pollfd poll_fd = {slave, POLLIN, 0};
            poll(&poll_fd, 1, -1);
            check("POLLHUP", poll_fd.revents & POLLHUP);
            return 0;
        }
        pass(ready);
        close(master);
        reap("leader", pid);
    }
    return 0;
}
