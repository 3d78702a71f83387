/* fcntl(2) locks that belong to open files: what two of them can hold at once, and F_OFD_GETLK's answers. */
#include "../say.h"

static int set(int fd, int type, off_t start, off_t len)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len };
    return fcntl(fd, F_OFD_SETLK, &lock);
}

static void get(int fd, int type, off_t start, off_t len)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len };
    int result = fcntl(fd, F_OFD_GETLK, &lock);
    if (result < 0)
        say("F_OFD_GETLK", result);
    else if (lock.l_type == F_UNLCK)
        puts("free");
    else
        printf("%s %lld+%lld of %d\n", lock.l_type == F_RDLCK ? "shared" : "exclusive",
               (long long)lock.l_start, (long long)lock.l_len, (int)lock.l_pid);
}

int main(void)
{
    put("file", "0123456789");
    int a = open("file", O_RDWR), b = open("file", O_RDWR), reader = open("file", O_RDONLY);
    int writer = open("file", O_WRONLY);
    say("a, shared 0-99", set(a, F_RDLCK, 0, 100));
    say("b, shared 50-149", set(b, F_RDLCK, 50, 100));
    say("a, exclusive 0-49", set(a, F_WRLCK, 0, 50));
    say("a, exclusive 49-50", set(a, F_WRLCK, 49, 2));
    get(b, F_RDLCK, 0, 10);
    get(b, F_WRLCK, 60, 10);
    get(a, F_WRLCK, 100, 0);
    get(a, F_WRLCK, 150, 0);
    say("a gives up 10-19", set(a, F_UNLCK, 10, 10));
    say("b, exclusive 10-19", set(b, F_WRLCK, 10, 10));
    say("b, exclusive 9-19", set(b, F_WRLCK, 9, 11));
    get(reader, F_WRLCK, 20, 0);
    get(reader, F_RDLCK, 0, 0);
    say("b to the end of time", set(b, F_WRLCK, 1000, 0));
    get(a, F_RDLCK, 1LL << 40, 1);
    say("exclusive, of a reader", set(reader, F_WRLCK, 5000, 1));
    say("shared, of a writer", set(writer, F_RDLCK, 5000, 1));
    say("before the start", set(a, F_WRLCK, -1, 1));
    say("backwards", set(a, F_WRLCK, 900, -10));
    get(b, F_WRLCK, 800, 200);
    say("backwards over the start", set(a, F_WRLCK, 5, -10));
    say("no such type", set(a, 17, 0, 1));
    struct flock end = { .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -2, .l_len = 1 };
    close(b);
    say("after b is closed", set(a, F_WRLCK, 0, 0));
    say("all of it given up", set(a, F_UNLCK, 0, 0));
    say("from the end", fcntl(a, F_OFD_SETLK, &end));
    get(reader, F_WRLCK, 0, 0);
    end.l_pid = 1;
    say("with a pid", fcntl(a, F_OFD_SETLK, &end));
    int copy = dup(a);
    close(a);
    get(reader, F_WRLCK, 0, 0);
    close(copy);
    get(reader, F_WRLCK, 0, 0);
    unlink("file");
    return 0;
}
