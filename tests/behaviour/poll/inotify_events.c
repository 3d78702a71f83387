/* inotify(7): what happens to a file and in a directory. */
#include "../tasks.h"
#include <sys/inotify.h>
#include <sys/stat.h>

static int fd;

static void tell(const char *what)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{IN_ACCESS, "ACCESS"}, {IN_MODIFY, "MODIFY"}, {IN_ATTRIB, "ATTRIB"}, {IN_CLOSE_WRITE, "CLOSE_WRITE"},
        {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {IN_OPEN, "OPEN"}, {IN_MOVED_FROM, "MOVED_FROM"}, {IN_MOVED_TO, "MOVED_TO"},
        {IN_CREATE, "CREATE"}, {IN_DELETE, "DELETE"}, {IN_DELETE_SELF, "DELETE_SELF"}, {IN_MOVE_SELF, "MOVE_SELF"},
        {IN_IGNORED, "IGNORED"}, {IN_ISDIR, "ISDIR"}};
    char buffer[4096] __attribute__((aligned(8)));
    printf("%s:\n", what);
    for (;;) {
        ssize_t size = read(fd, buffer, sizeof buffer);
        if (size <= 0) {
            if (errno != EAGAIN)
                say("read", size);
            return;
        }
        unsigned cookie = 0;
        for (ssize_t at = 0; at < size;) {
            struct inotify_event *event = (void *)(buffer + at);
            printf("  watch %d", event->wd);
            for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
                if (event->mask & names[i].bit)
                    printf(" %s", names[i].name);
            if (event->len)
                printf(" \"%s\"", event->name);
            if (event->cookie)
                printf(cookie == event->cookie ? " same cookie" : " cookie");
            cookie = event->cookie;
            puts("");
            at += sizeof *event + event->len;
        }
    }
}

int main(void)
{
    fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    check("open", fd >= 0);
    mkdir("dir", 0755);
    say("a watch", inotify_add_watch(fd, "dir", IN_ALL_EVENTS & ~(IN_ACCESS | IN_OPEN | IN_CLOSE_NOWRITE)));
    int file = open("dir/file", O_RDWR | O_CREAT, 0644);
    tell("create");
    write(file, "x", 1);
    tell("write");
    write(file, "x", 1);
    write(file, "y", 1);
    tell("two writes are one event");
    close(file);
    tell("close");
    chmod("dir/file", 0600);
    tell("chmod");
    rename("dir/file", "dir/other");
    tell("rename");
    rename("dir/other", "outside");
    tell("away");
    rename("outside", "dir/file");
    tell("back");
    link("dir/file", "dir/link");
    tell("link");
    unlink("dir/link");
    tell("unlink");
    mkdir("dir/sub", 0755);
    tell("mkdir");
    rmdir("dir/sub");
    tell("rmdir");
    say("take away", inotify_rm_watch(fd, 1));
    tell("taken away");
    say("a watch of the file", inotify_add_watch(fd, "dir/file", IN_MODIFY | IN_DELETE_SELF | IN_OPEN | IN_ACCESS | IN_CLOSE));
    show("dir/file");
    tell("read");
    truncate("dir/file", 0);
    tell("truncate");
    unlink("dir/file");
    tell("unlink");
    say("gone by itself", inotify_rm_watch(fd, 2));
    put("dir/late", "");
    tell("not told");
    say("of nothing", inotify_add_watch(fd, "absent", IN_MODIFY));
    say("no events", inotify_add_watch(fd, "dir", 0));
    say("IN_ONLYDIR of a file", inotify_add_watch(fd, "dir/late", IN_MODIFY | IN_ONLYDIR));
    say("not an inotify", inotify_add_watch(1, "dir", IN_MODIFY));
    unlink("dir/late");
    rmdir("dir");
    return 0;
}
