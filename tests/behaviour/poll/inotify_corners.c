/* inotify(7): masks added to and kept, one event only, files that go on without a name, moves onto others, and the queue's end. */
#include "../tasks.h"
#include <dirent.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

static int fd;

static void tell(const char *what)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{IN_ACCESS, "ACCESS"}, {IN_MODIFY, "MODIFY"}, {IN_ATTRIB, "ATTRIB"}, {IN_CLOSE_WRITE, "CLOSE_WRITE"},
        {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {IN_OPEN, "OPEN"}, {IN_MOVED_FROM, "MOVED_FROM"}, {IN_MOVED_TO, "MOVED_TO"},
        {IN_CREATE, "CREATE"}, {IN_DELETE, "DELETE"}, {IN_DELETE_SELF, "DELETE_SELF"}, {IN_MOVE_SELF, "MOVE_SELF"},
        {IN_IGNORED, "IGNORED"}, {IN_ISDIR, "ISDIR"}, {IN_Q_OVERFLOW, "Q_OVERFLOW"}, {IN_UNMOUNT, "UNMOUNT"}};
    char buffer[4096] __attribute__((aligned(8)));
    printf("%s:\n", what);
    for (;;) {
        ssize_t size = read(fd, buffer, sizeof buffer);
        if (size <= 0)
            return;
        for (ssize_t at = 0; at < size;) {
            struct inotify_event *event = (void *)(buffer + at);
            printf("  watch %d", event->wd);
            for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
                if (event->mask & names[i].bit)
                    printf(" %s", names[i].name);
            if (event->len)
                printf(" \"%s\" in %u", event->name, event->len);
            if (event->cookie)
                printf(" cookie");
            puts("");
            at += sizeof *event + event->len;
        }
    }
}

int main(void)
{
    fd = inotify_init1(IN_NONBLOCK);
    mkdir("dir", 0755);
    put("dir/one", "1");
    put("dir/two", "2");
    say("directory", inotify_add_watch(fd, "dir", IN_ALL_EVENTS));
    say("one", inotify_add_watch(fd, "dir/one", IN_ALL_EVENTS));
    say("two", inotify_add_watch(fd, "dir/two", IN_ALL_EVENTS));
    rename("dir/one", "dir/two");
    tell("one takes two's place");
    rename("dir/two", "dir/one");
    tell("and goes back");
    link("dir/one", "dir/a name of more than 15 bytes");
    tell("another name");
    int file = open("dir/one", O_RDWR);
    tell("opened");
    unlink("dir/one");
    tell("a name less");
    unlink("dir/a name of more than 15 bytes");
    tell("no name");
    write(file, "x", 1);
    write(file, "", 0);
    tell("written without a name");
    close(file);
    tell("closed");

    DIR *list = opendir("dir");
    while (readdir(list))
        ;
    closedir(list);
    tell("listed");
    symlink("nowhere", "dir/link");
    mkfifo("dir/fifo", 0600);
    tell("a link and a FIFO");
    mkdir("dir/sub", 0755);
    say("sub", inotify_add_watch(fd, "dir/sub", IN_ALL_EVENTS));
    chmod("dir/sub", 0700);
    tell("chmod of a directory");
    rename("dir/sub", "dir/other");
    tell("a directory moves");
    rmdir("dir/other");
    tell("and goes");
    file = open("dir/link", O_CREAT | O_WRONLY | O_NOFOLLOW, 0600);
    tell("nothing was opened");
    unlink("dir/link");
    unlink("dir/fifo");
    tell("both go");

    file = open("dir/three", O_CREAT | O_RDWR, 0600);
    ftruncate(file, 5);
    tell("made and lengthened");
    struct iovec vector[2] = {{"ab", 2}, {"cd", 2}};
    pwritev(file, vector, 2, 0);
    char text[4];
    pread(file, text, 4, 0);
    pread(file, text, 4, 100);
    tell("pwritev and pread");
    struct timespec times[2] = {{1, 0}, {1, 0}};
    futimens(file, times);
    fchmod(file, 0644);
    fchown(file, getuid(), getgid());
    tell("times, bits, owner");
    close(file);
    tell("closed");
    /* Which of both is told first has changed between Linux 6.1 and 6.18. */
    say("without IN_OPEN", inotify_add_watch(fd, "dir", IN_ALL_EVENTS & ~IN_OPEN));
    close(open("dir/three", O_WRONLY | O_TRUNC));
    tell("O_TRUNC");

    say("again", inotify_add_watch(fd, "dir", IN_CREATE));
    say("and more", inotify_add_watch(fd, "dir", IN_DELETE | IN_MASK_ADD));
    say("only if it is new", inotify_add_watch(fd, "dir", IN_DELETE | IN_MASK_CREATE));
    say("both", inotify_add_watch(fd, "dir", IN_DELETE | IN_MASK_CREATE | IN_MASK_ADD));
    close(open("dir/four", O_CREAT | O_WRONLY, 0600));
    unlink("dir/four");
    tell("made and removed");
    say("once", inotify_add_watch(fd, "dir/three", IN_OPEN | IN_ONESHOT));
    close(open("dir/three", O_RDONLY));
    close(open("dir/three", O_RDONLY));
    tell("opened twice");
    say("not any more", inotify_rm_watch(fd, 5));

    say("without those that are removed", inotify_add_watch(fd, "dir", IN_MODIFY | IN_EXCL_UNLINK));
    file = open("dir/three", O_WRONLY);
    write(file, "x", 1);
    tell("by name");
    unlink("dir/three");
    write(file, "x", 1);
    tell("without a name");
    close(file);

    symlink("dir", "link");
    int number = inotify_add_watch(fd, "link", IN_ATTRIB | IN_DONT_FOLLOW);
    chmod("dir", 0700);
    lchown("link", getuid(), getgid());
    tell("the link and not what it names");
    say("IN_ONLYDIR of it", inotify_add_watch(fd, "link", IN_ATTRIB | IN_ONLYDIR | IN_DONT_FOLLOW));
    unlink("link");
    tell("the link goes");
    (void)number;

    say("queue", inotify_add_watch(fd, "dir", IN_CREATE | IN_DELETE));
    for (int i = 0; i < 10000; i++) {
        close(open("dir/file", O_CREAT | O_WRONLY, 0600));
        unlink("dir/file");
    }
    int held;
    ioctl(fd, FIONREAD, &held);
    say("held", held);
    char all[4096] __attribute__((aligned(8)));
    long events = 0, overflows = 0, last = 0;
    for (ssize_t size; (size = read(fd, all, sizeof all)) > 0;)
        for (ssize_t at = 0; at < size; events++) {
            struct inotify_event *event = (void *)(all + at);
            overflows += event->mask == IN_Q_OVERFLOW && event->wd == -1;
            last = event->mask == IN_Q_OVERFLOW;
            at += sizeof *event + event->len;
        }
    say("events", events);
    say("overflows", overflows);
    say("at the end", last);
    rmdir("dir");
    tell("the directory goes");
    say("no events of a closed one", close(fd));
    say("flags", inotify_init1(1));
    return 0;
}
