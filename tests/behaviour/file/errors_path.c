/* ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP: paths that lead nowhere. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    char name[300], path[5000];
    put("file", "");
    mkdir("dir", 0755);
    say("absent", open("absent", O_RDONLY));
    say("empty", open("", O_RDONLY));
    say("absent directory", open("absent/file", O_CREAT | O_WRONLY, 0644));
    say("below a file", open("file/x", O_RDONLY));
    say("a file, then ..", open("file/../file", O_RDONLY));
    say("a directory written", open("dir", O_RDWR));
    say("a new file with a slash", open("new/", O_CREAT | O_WRONLY, 0644));
    memset(name, 'n', 256);
    name[256] = 0;
    say("256 bytes", open(name, O_RDONLY));
    say("256 bytes to create", open(name, O_CREAT | O_WRONLY, 0644));
    name[255] = 0;
    say("255 bytes", open(name, O_RDONLY));
    for (int i = 0; i < 4998; i++)
        path[i] = i % 2 ? '/' : '.';
    path[4998] = 0;
    say("4998 bytes", open(path, O_RDONLY));
    path[4090] = 0;
    check("4090 bytes", open(path, O_RDONLY) >= 0);
    symlink("loop", "loop");
    symlink("there", "here");
    symlink("here", "there");
    say("a link to itself", open("loop", O_RDONLY));
    say("two in a ring", open("here/file", O_RDONLY));
    say("its unlink", unlink("loop"));
    unlink("here");
    unlink("there");
    unlink("file");
    rmdir("dir");
    return 0;
}
