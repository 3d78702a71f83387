/* setsid(2), fork(2): twice forked, a daemon leads no session and is nobody's child, and works on. */
#include "../tasks.h"
#include <sys/prctl.h>
#include <sys/stat.h>

int main(void)
{
    int fds[2];
    char text[64] = "";
    pipe(fds);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t top = getpid(), pid = fork();
    if (pid == 0) {
        pid_t session = setsid();
        pid = fork();
        if (pid)
            _exit(pid < 0);
        while (getppid() == session)
            sleep_ms(1);
        chdir("/");
        umask(0);
        for (int fd = 0; fd < 3; fd++)
            close(fd);
        open("/dev/null", O_RDWR);
        dup(0);
        dup(0);
        char line[64];
        int size = snprintf(line, sizeof line, "leader %d, session %d, parent %d", getpid() == getsid(0), getsid(0) == session,
            getppid() == top);
        write(fds[1], line, size);
        _exit(0);
    }
    close(fds[1]);
    reap("the first", pid);
    size_t size = 0;
    ssize_t got;
    while ((got = read(fds[0], text + size, sizeof text - 1 - size)) > 0)
        size += got;
    puts(text);
    int status;
    check("adopted", wait(&status) > 0);
    ended("daemon", status);
    return 0;
}
