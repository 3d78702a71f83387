/* fchdir(2): back to where a descriptor was opened. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    char start[4096], path[4096];
    getcwd(start, sizeof start);
    int here = open(".", O_RDONLY | O_DIRECTORY);
    mkdir("dir", 0755);
    chdir("dir");
    put("file", "");
    say("fchdir", fchdir(here));
    check("back", !strcmp(getcwd(path, sizeof path), start));
    int file = open("dir/file", O_RDONLY), dir = open("dir", O_PATH);
    say("to a file", fchdir(file));
    say("to no descriptor", fchdir(999));
    say("to an O_PATH descriptor", fchdir(dir));
    say("file is here", access("file", F_OK));
    rename("../dir", "../other");
    getcwd(path, sizeof path);
    check("the name follows a rename", !strcmp(path + strlen(start), "/other"));
    fchdir(here);
    unlink("other/file");
    rmdir("other");
    return 0;
}
