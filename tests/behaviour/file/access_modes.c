/* access(2): what is there, and may be read, written, run. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    mkdir("dir", 0755);
    put("file", "");
    chmod("file", 0644);
    symlink("absent", "dangling");
    say("F_OK", access("file", F_OK));
    say("R_OK|W_OK", access("file", R_OK | W_OK));
    say("X_OK without an x bit", access("file", X_OK));
    chmod("file", 0755);
    say("X_OK with one", access("file", X_OK));
    say("directory X_OK", access("dir", X_OK));
    say("absent", access("absent", F_OK));
    say("dangling link", access("dangling", F_OK));
    say("the link itself", faccessat(AT_FDCWD, "dangling", F_OK, AT_SYMLINK_NOFOLLOW));
    say("below a file", access("file/x", F_OK));
    say("mode that isn't one", access("file", 64));
    say("faccessat", faccessat(open("dir", O_PATH), "../file", R_OK, 0));
    unlink("file");
    unlink("dangling");
    rmdir("dir");
    return 0;
}
