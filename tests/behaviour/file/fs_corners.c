/* Corners of calls on descriptors: what cwd is when it is gone, O_TMPFILE, /proc/self/fd, offsets, pipes, holes. */
#include "../say.h"
#include <dirent.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static void gone(void)
{
    char path[4096];
    struct stat st;
    mkdir("gone", 0755);
    int top = open(".", O_RDONLY), dir = open("gone", O_RDONLY);
    chdir("gone");
    put("file", "");
    unlink("file");
    rmdir("../gone");
    check("getcwd of a removed directory", getcwd(path, sizeof path) == NULL && errno == ENOENT);
    say("make in it", open("file", O_CREAT | O_WRONLY, 0644));
    say("mkdir in it", mkdir("dir", 0755));
    say("symlink in it", symlink("x", "link"));
    say("stat of it", stat(".", &st));
    say("its links", st.st_nlink);
    say("stat of ..", stat("..", &st));
    say("rmdir again", rmdir("../gone"));
    char buffer[1000];
    say("getdents of it", syscall(SYS_getdents64, dir, buffer, sizeof buffer));
    fchdir(top);
    close(dir);
    close(top);
}

static void unnamed(void)
{
    char path[64];
    struct stat st;
    int fd = open(".", O_TMPFILE | O_RDWR, 0640);
    check("O_TMPFILE", fd >= 0);
    write(fd, "unnamed", 7);
    fstat(fd, &st);
    say("its links", st.st_nlink);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    say("linkat", linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    show("named");
    fstat(fd, &st);
    printf("%o, %d links\n", st.st_mode, (int)st.st_nlink);
    int again = open(path, O_RDONLY);
    char text[8] = "";
    say("read from the start", read(again, text, 7));
    puts(text);
    unlink("named");
    int third = open(path, O_WRONLY | O_APPEND);
    say("write to a removed file", write(third, "!", 1));
    say("size", lseek(fd, 0, SEEK_END));
    say("link of a removed file", linkat(AT_FDCWD, path, AT_FDCWD, "back", AT_SYMLINK_FOLLOW));
    close(third);
    close(again);
    close(fd);
    say("O_TMPFILE for reading", open(".", O_TMPFILE | O_RDONLY, 0600));
    say("O_TMPFILE in a file", open("/proc/self/exe", O_TMPFILE | O_RDWR, 0600));
}

static void offsets(void)
{
    char text[16] = "";
    put("file", "0123456789");
    int fd = open("file", O_RDWR), out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0644);
    struct iovec parts[3] = { { text, 3 }, { NULL, 0 }, { text + 3, 4 } };
    say("preadv", preadv(fd, parts, 3, 2));
    puts(text);
    say("preadv2 at the position", preadv2(fd, parts, 3, -1, 0));
    say("position", lseek(fd, 0, SEEK_CUR));
    say("preadv2 with a flag that isn't one", preadv2(fd, parts, 3, 0, 1 << 20));
    say("preadv before the start", preadv(fd, parts, 3, -2));
    say("pread before the start", pread(fd, text, 1, -1));
    say("too many parts", readv(fd, parts, 1025));
    off_t from = 8, to = 5;
    say("copy over the end", copy_file_range(fd, &from, out, &to, 100, 0));
    printf("%d %d\n", (int)from, (int)to);
    say("copy past the end", copy_file_range(fd, &from, out, &to, 100, 0));
    say("copy onto itself", copy_file_range(fd, &(off_t){0}, fd, &(off_t){2}, 5, 0));
    say("copy within itself", copy_file_range(fd, &(off_t){0}, fd, &(off_t){5}, 5, 0));
    show("file");
    say("copy with flags", copy_file_range(fd, NULL, out, NULL, 1, 1));
    from = 3;
    say("sendfile", sendfile(out, fd, &from, 4));
    say("its offset", from);
    say("position", lseek(fd, 0, SEEK_CUR));
    say("sendfile from the position", sendfile(out, fd, NULL, 100));
    say("sendfile at the end", sendfile(out, fd, NULL, 100));
    say("truncate", ftruncate(out, 20));
    say("hole", lseek(out, 0, SEEK_HOLE));
    say("data at the end", lseek(out, 20, SEEK_DATA));
    say("too far", ftruncate(out, -1));
    int reader = open("file", O_RDONLY);
    say("truncate of a reader", ftruncate(reader, 0));
    say("write of a reader", write(reader, "x", 1));
    say("write of nothing, of a reader", write(reader, "x", 0));
    say("punch without keeping the size", fallocate(out, FALLOC_FL_PUNCH_HOLE, 0, 4));
    say("punch", fallocate(out, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4));
    say("fallocate of nothing", fallocate(out, 0, 0, 0));
    say("fallocate of a reader", fallocate(reader, 0, 0, 10));
    say("keep the size", fallocate(out, FALLOC_FL_KEEP_SIZE, 0, 100));
    say("size", lseek(out, 0, SEEK_END));
    close(reader);
    close(fd);
    close(out);
    unlink("out");
    unlink("file");
}

static void directories(void)
{
    mkdir("dir", 0755);
    for (char name[] = "dir/a"; name[4] <= 'j'; name[4]++)
        put(name, "");
    DIR *dir = opendir("dir");
    long third = 0;
    char at_third[256] = "";
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL; count++) {
        if (count == 2)
            third = telldir(dir);
        if (count == 3)
            strcpy(at_third, entry->d_name);
    }
    say("entries", count);
    seekdir(dir, third);
    struct dirent *entry = readdir(dir);
    check("the same after seekdir", entry && strcmp(entry->d_name, at_third) == 0);
    put("dir/new", "");
    rewinddir(dir);
    for (count = 0; readdir(dir); count++) {}
    say("one more", count);
    int fd = dirfd(dir);
    char buffer[64];
    rewinddir(dir);
    say("read", read(fd, buffer, 10));
    say("write", write(fd, buffer, 10));
    say("too small", syscall(SYS_getdents64, open("dir", O_RDONLY), buffer, 5));
    say("pread", pread(fd, buffer, 10, 0));
    say("lseek", lseek(fd, 0, SEEK_SET));
    say("lseek back", lseek(fd, -1, SEEK_SET));
    say("of a file", syscall(SYS_getdents64, open("dir/a", O_RDONLY), buffer, 50));
    say("of O_PATH", syscall(SYS_getdents64, open("dir", O_PATH), buffer, 50));
    closedir(dir);
    for (char name[] = "dir/a"; name[4] <= 'j'; name[4]++)
        unlink(name);
    unlink("dir/new");
    rmdir("dir");
    for (int n = 3; n < 20; n++)
        close(n);
}

static void pipes(void)
{
    int ends[2], other[2], count;
    char text[100] = "";
    pipe2(ends, O_NONBLOCK);
    pipe2(other, O_NONBLOCK);
    struct pollfd poll_ends[2] = { { ends[0], POLLIN | POLLOUT, 0 }, { ends[1], POLLIN | POLLOUT, 0 } };
    say("poll", poll(poll_ends, 2, 0));
    printf("%#x %#x\n", poll_ends[0].revents, poll_ends[1].revents);
    write(ends[1], "through the pipe", 16);
    say("FIONREAD", ioctl(ends[0], FIONREAD, &count));
    say("waiting", count);
    say("tee", tee(ends[0], other[1], 7, 0));
    say("splice", splice(ends[0], NULL, other[1], NULL, 3, 0));
    say("read", read(other[0], text, sizeof text));
    puts(text);
    say("tee to itself", tee(ends[0], ends[1], 7, 0));
    say("splice between files", splice(0, NULL, 1, NULL, 1, 8192));
    say("splice with an offset", splice(ends[0], &(off_t){0}, other[1], NULL, 1, 0));
    put("file", "from the file");
    int fd = open("file", O_RDWR);
    off_t at = 5;
    say("splice out of a file", splice(fd, &at, other[1], NULL, 100, 0));
    say("offset", at);
    memset(text, 0, sizeof text);
    read(other[0], text, sizeof text);
    puts(text);
    say("splice into a file", splice(ends[0], NULL, fd, NULL, 100, 0));
    show("file");
    say("splice of nothing", splice(ends[0], NULL, fd, NULL, 100, 0));
    say("size of the pipe", fcntl(ends[0], F_GETPIPE_SZ));
    say("smaller", fcntl(ends[0], F_SETPIPE_SZ, 5000));
    say("less than nothing", fcntl(ends[0], F_SETPIPE_SZ, -1));
    say("of a file", fcntl(fd, F_GETPIPE_SZ));
    say("lseek", lseek(ends[0], 0, SEEK_CUR));
    say("pread", pread(ends[0], text, 1, 0));
    say("ftruncate", ftruncate(ends[1], 0));
    say("fsync", fsync(ends[1]));
    close(ends[1]);
    poll_ends[0].revents = 0;
    say("poll of a hung-up pipe", poll(poll_ends, 1, 0));
    printf("%#x\n", poll_ends[0].revents);
    close(other[0]);
    poll_ends[0] = (struct pollfd){ other[1], POLLOUT, 0 };
    say("poll of a broken pipe", poll(poll_ends, 1, 0));
    printf("%#x\n", poll_ends[0].revents);
    close(fd);
    close(ends[0]);
    close(other[1]);
    unlink("file");
}

static void numbers(void)
{
    int fd = open(".", O_RDONLY);
    say("close_range backwards", syscall(SYS_close_range, 9, 5, 0));
    say("close_range with flags", syscall(SYS_close_range, 9, 10, 8));
    dup2(fd, 50);
    dup2(fd, 52);
    say("close_range", syscall(SYS_close_range, 50, ~0U, 0));
    say("50", fcntl(50, F_GETFD));
    dup2(fd, 50);
    say("close_range CLOEXEC", syscall(SYS_close_range, 50, 60, CLOSE_RANGE_CLOEXEC));
    say("50", fcntl(50, F_GETFD));
    say("dup2 beyond", dup2(fd, 1 << 24));
    say("dup2 of none", dup2(99, 50));
    say("dup2 onto itself", dup2(50, 50));
    say("dup3 onto itself", dup3(50, 50, 0));
    say("F_DUPFD beyond", fcntl(fd, F_DUPFD, 1 << 24));
    say("F_DUPFD below", fcntl(fd, F_DUPFD, -1));
    say("F_GETLK of nowhere", fcntl(fd, F_GETLK, (void *)8));
    say("no such fcntl", fcntl(fd, 999));
    say("ioctl of a directory", ioctl(fd, TIOCGWINSZ, 0));
    say("FIOCLEX", ioctl(fd, FIOCLEX));
    int path = open(".", O_PATH);
    say("F_GETFL of O_PATH", fcntl(path, F_GETFL) & O_PATH ? 1 : 0);
    say("F_SETFL of O_PATH", fcntl(path, F_SETFL, O_NONBLOCK));
    say("ioctl of O_PATH", ioctl(path, FIOCLEX));
    say("read of O_PATH", read(path, NULL, 0));
    say("fchmod of O_PATH", fchmod(path, 0700));
    say("fchdir of O_PATH", fchdir(path));
    struct stat st;
    say("fstat of O_PATH", fstat(path, &st));
    say("openat through O_PATH", openat(path, "none", O_RDONLY));
    int memory = memfd_create("name", MFD_CLOEXEC);
    char text[64] = "";
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", memory);
    readlink(link, text, sizeof text);
    puts(text);
    say("seals of one that takes none", fcntl(memory, F_GET_SEALS));
    say("no such flag", memfd_create("name", 0x100));
    for (int n = 3; n < 60; n++)
        close(n);
}

int main(void)
{
    umask(022);
    gone();
    unnamed();
    offsets();
    directories();
    pipes();
    numbers();
    return 0;
}
