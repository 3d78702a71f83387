/* openat(2): relative to a directory that is open; absolute paths and AT_FDCWD don't look at it. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    mkdir("dir", 0755);
    put("dir/file", "in dir");
    put("file", "here");
    int dir = open("dir", O_RDONLY | O_DIRECTORY), file = open("file", O_RDONLY);
    char text[16] = "";
    say("read", read(openat(dir, "file", O_RDONLY), text, 15));
    puts(text);
    memset(text, 0, sizeof text);
    say("read", read(openat(dir, "../file", O_RDONLY), text, 15));
    puts(text);
    rename("dir", "moved");
    memset(text, 0, sizeof text);
    say("after a rename", read(openat(dir, "file", O_RDONLY), text, 15));
    say("relative to a file", openat(file, "file", O_RDONLY));
    say("relative to nothing", openat(999, "file", O_RDONLY));
    check("absolute", openat(999, "/", O_RDONLY) >= 0);
    check("AT_FDCWD", openat(AT_FDCWD, "file", O_RDONLY) >= 0);
    say("an empty path", openat(dir, "", O_RDONLY));
    say("renameat", renameat(dir, "file", AT_FDCWD, "taken"));
    show("taken");
    unlink("taken");
    unlink("file");
    rmdir("moved");
    return 0;
}
