/* open(2): O_TMPFILE makes a file without a name; linkat(2) may give it one. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    int fd = open(".", O_TMPFILE | O_RDWR, 0640);
    check("open", fd >= 0);
    struct stat st;
    fstat(fd, &st);
    say("links", st.st_nlink);
    printf("mode %o\n", st.st_mode);
    say("write", write(fd, "unnamed", 7));
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    say("linkat", linkat(AT_FDCWD, name, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    show("named");
    fstat(fd, &st);
    say("links", st.st_nlink);
    say("again", linkat(AT_FDCWD, name, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    say("read only", open(".", O_TMPFILE | O_RDONLY, 0600));
    say("in a file", open("named", O_TMPFILE | O_RDWR, 0600));
    fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    say("never to be named", linkat(AT_FDCWD, name, AT_FDCWD, "other", AT_SYMLINK_FOLLOW));
    unlink("named");
    return 0;
}
