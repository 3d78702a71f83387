/* mkdir(2), rmdir(2): a directory goes when it is empty. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    say("mkdir", mkdir("dir", 0755));
    say("again", mkdir("dir", 0755));
    say("mkdir in nothing", mkdir("absent/dir", 0755));
    put("dir/file", "");
    say("rmdir with a file", rmdir("dir"));
    say("mkdir over a file", mkdir("dir/file", 0755));
    say("rmdir of a file", rmdir("dir/file"));
    unlink("dir/file");
    mkdir("dir/sub", 0755);
    say("rmdir with a directory", rmdir("dir"));
    say("rmdir .", rmdir("dir/."));
    say("rmdir ..", rmdir("dir/sub/.."));
    say("rmdir with a slash", rmdir("dir/sub/"));
    say("mkdirat", mkdirat(open("dir", O_PATH), "at", 0700));
    say("unlinkat without AT_REMOVEDIR", unlinkat(AT_FDCWD, "dir/at", 0));
    say("unlinkat with", unlinkat(AT_FDCWD, "dir/at", AT_REMOVEDIR));
    say("rmdir", rmdir("dir"));
    say("again", rmdir("dir"));
    return 0;
}
