/* inotify(7): who reads waits for another process to do something; FIONREAD and a buffer too small. */
#include "../tasks.h"
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

int main(void)
{
    char buffer[512] __attribute__((aligned(8)));
    int fd = inotify_init(), held = -1;
    inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE);
    struct pollfd poll_fd = {fd, POLLIN, 0};
    say("poll", poll(&poll_fd, 1, 0));
    pid_t pid = fork();
    if (pid == 0) {
        sleep_ms(3);
        put("new", "");
        return 0;
    }
    say("poll", poll(&poll_fd, 1, -1));
    struct inotify_event *event = (void *)buffer;
    ssize_t size = read(fd, buffer, sizeof buffer);
    say("read", size);
    say("CREATE", event->mask == IN_CREATE);
    puts(event->name);
    reap("child", pid);
    unlink("new");
    say("FIONREAD", ioctl(fd, FIONREAD, &held));
    say("held", held);
    say("a buffer too small", read(fd, buffer, 8));
    say("read", read(fd, buffer, sizeof buffer));
    say("DELETE", event->mask == IN_DELETE);
    return 0;
}
