/* link(2): one file with names in several directories. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    struct stat first, second;
    mkdir("a", 0755);
    mkdir("b", 0755);
    put("a/file", "text");
    say("link", link("a/file", "b/name"));
    stat("a/file", &first);
    stat("b/name", &second);
    check("one inode", first.st_ino == second.st_ino && first.st_dev == second.st_dev);
    say("links", second.st_nlink);
    int fd = open("b/name", O_WRONLY | O_APPEND);
    write(fd, " more", 5);
    show("a/file");
    chmod("a/file", 0600);
    stat("b/name", &second);
    printf("mode %o\n", second.st_mode & 0777);
    unlink("a/file");
    show("b/name");
    fstat(fd, &second);
    say("links", second.st_nlink);
    say("of a directory", link("a", "c"));
    say("over a name", link("b/name", "b/name"));
    say("of nothing", link("absent", "c"));
    symlink("b/name", "symlink");
    say("of a link", link("symlink", "c"));
    lstat("c", &second);
    check("the link itself", S_ISLNK(second.st_mode));
    say("through it", linkat(AT_FDCWD, "symlink", AT_FDCWD, "d", AT_SYMLINK_FOLLOW));
    lstat("d", &second);
    check("the file", S_ISREG(second.st_mode));
    unlink("d");
    unlink("c");
    unlink("symlink");
    unlink("b/name");
    rmdir("a");
    rmdir("b");
    return 0;
}
