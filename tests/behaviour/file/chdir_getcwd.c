/* chdir(2), getcwd(2): relative paths begin where one is. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    char start[4096], path[4096];
    getcwd(start, sizeof start);
    mkdir("dir", 0755);
    mkdir("dir/sub", 0755);
    put("dir/file", "in dir");
    symlink("dir/sub", "link");
    say("chdir", chdir("dir"));
    getcwd(path, sizeof path);
    check("longer by /dir", !strncmp(path, start, strlen(start)) && !strcmp(path + strlen(start), "/dir"));
    show("file");
    show("../dir/./sub/../file");
    say("chdir to a file", chdir("file"));
    say("chdir to nothing", chdir("absent"));
    say("chdir up", chdir(".."));
    getcwd(path, sizeof path);
    check("back", !strcmp(path, start));
    say("chdir through a link", chdir("link"));
    getcwd(path, sizeof path);
    check("the path has no link in it", !strcmp(path + strlen(start), "/dir/sub"));
    show("../file");
    check("a buffer too small", getcwd(path, 2) == NULL && errno == ERANGE);
    say("chdir absolute", chdir(start));
    say("above the root", chdir("/../../.."));
    puts(getcwd(path, sizeof path));
    chdir(start);
    unlink("link");
    unlink("dir/file");
    rmdir("dir/sub");
    rmdir("dir");
    return 0;
}
