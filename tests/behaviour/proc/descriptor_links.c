/* proc_pid_fd(5): what a descriptor is, as the text of a link. */
#include "../tasks.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

static void tell(const char *what, int fd)
{
    char name[64], text[512] = "";
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (readlink(name, text, sizeof text - 1) < 0) {
        say(what, -1);
        return;
    }
    char *number = strchr(text, '[');
    if (number && strspn(number + 1, "0123456789") > 0) {
        struct stat st;
        fstat(fd, &st);
        check("the inode", strtoull(number + 1, NULL, 10) == st.st_ino);
        strcpy(number, "[N]");
    }
    printf("%s: %s\n", what, text[0] == '/' && strncmp(text, "/dev", 4) ? strrchr(text, '/') : text);
}

int main(void)
{
    int fds[2];
    sigset_t set;
    sigemptyset(&set);
    pipe(fds);
    tell("pipe", fds[0]);
    tell("its other end", fds[1]);
    tell("socket", socket(AF_INET, SOCK_STREAM, 0));
    tell("eventfd", eventfd(0, 0));
    tell("epoll", epoll_create1(0));
    tell("timerfd", timerfd_create(CLOCK_MONOTONIC, 0));
    tell("signalfd", signalfd(-1, &set, 0));
    tell("inotify", inotify_init());
    tell("device", open("/dev/null", O_RDONLY));
    put("file", "");
    int fd = open("file", O_RDONLY);
    tell("file", fd);
    rename("file", "other");
    tell("renamed", fd);
    unlink("other");
    tell("removed", fd);
    tell("none", 999);
    return 0;
}
