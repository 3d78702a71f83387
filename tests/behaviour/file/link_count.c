/* link(2): another name for the same file, counted. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    struct stat a, b;
    put("one", "text");
    say("link", link("one", "two"));
    say("link once more", link("one", "two"));
    stat("one", &a);
    stat("two", &b);
    say("links", a.st_nlink);
    check("same inode", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    put("two", "changed");
    show("one");
    say("unlink", unlink("one"));
    show("two");
    stat("two", &b);
    say("links", b.st_nlink);
    mkdir("dir", 0755);
    check("link of a directory", link("dir", "three") == -1 && errno == EPERM);
    say("link of nothing", link("absent", "three"));
    symlink("two", "soft");
    say("link of a symlink", linkat(AT_FDCWD, "soft", AT_FDCWD, "three", 0));
    lstat("three", &a);
    check("is a symlink", S_ISLNK(a.st_mode));
    say("link through a symlink", linkat(AT_FDCWD, "soft", AT_FDCWD, "four", AT_SYMLINK_FOLLOW));
    lstat("four", &a);
    check("is a file", S_ISREG(a.st_mode) && a.st_ino == b.st_ino);
    unlink("two");
    unlink("three");
    unlink("four");
    unlink("soft");
    rmdir("dir");
    return 0;
}
