/* rmdir(2): a directory that is open, or where one is, can go; nothing can be made in it any more. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    char path[16];
    mkdir("dir", 0755);
    int fd = open("dir", O_RDONLY | O_DIRECTORY);
    say("rmdir", rmdir("dir"));
    say("openat", openat(fd, "file", O_CREAT | O_WRONLY, 0644));
    say("mkdirat", mkdirat(fd, "sub", 0755));
    struct stat st;
    say("fstat", fstat(fd, &st));
    say("links", st.st_nlink);
    say("fchdir", fchdir(fd));
    check("getcwd", getcwd(path, sizeof path) == NULL && errno == ENOENT);
    say("stat .", stat(".", &st));
    return 0;
}
