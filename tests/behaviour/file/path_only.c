/* open(2): an O_PATH descriptor names a file, and does nothing with it. */
#include "../tasks.h"
#include <sys/mman.h>
#include <sys/stat.h>

int main(void)
{
    char text[8] = "";
    put("file", "text");
    mkdir("dir", 0755);
    put("dir/inside", "inside");
    symlink("file", "link");
    int fd = open("file", O_PATH);
    check("open", fd >= 0);
    say("read", read(fd, text, 4));
    say("write", write(fd, text, 4));
    say("lseek", lseek(fd, 0, SEEK_SET));
    say("fchmod", fchmod(fd, 0600));
    say("ftruncate", ftruncate(fd, 0));
    check("mmap", mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EBADF);
    struct stat st;
    say("fstat", fstat(fd, &st));
    say("size", st.st_size);
    check("F_GETFL", fcntl(fd, F_GETFL) & O_PATH);
    say("dup", fcntl(dup(fd), F_GETFD));
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int again = open(name, O_RDONLY);
    say("opened in earnest", read(again, text, 4));
    puts(text);
    int dir = open("dir", O_PATH);
    check("in a directory", openat(dir, "inside", O_RDONLY) >= 0);
    say("fchdir", fchdir(dir));
    say("F_OK", access("inside", F_OK));
    chdir("..");
    int link = open("link", O_PATH | O_NOFOLLOW);
    fstat(link, &st);
    check("a link itself", S_ISLNK(st.st_mode));
    memset(text, 0, sizeof text);
    say("readlinkat", readlinkat(link, "", text, 7));
    puts(text);
    say("no rights are needed", open("file", O_PATH | O_WRONLY) >= 0);
    unlink("link");
    unlink("file");
    unlink("dir/inside");
    rmdir("dir");
    return 0;
}
