/* path_resolution(7): links through links, relative ones from where they are, up to 40. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    char name[16], target[16];
    mkdir("dir", 0755);
    put("dir/file", "found");
    symlink("file", "dir/relative");
    symlink("dir/relative", "link");
    show("link");
    symlink("../dir", "dir/up");
    show("dir/up/up/up/file");
    symlink("dir", "slashes");
    show("slashes//./file");
    symlink("dir/", "slash");
    show("slash/file");
    for (int i = 0; i < 45; i++) {
        snprintf(name, sizeof name, "chain%d", i);
        snprintf(target, sizeof target, i ? "chain%d" : "dir/file", i - 1);
        symlink(target, name);
    }
    show("chain38");
    show("chain39");
    show("chain40");
    show("chain44");
    for (int i = 0; i < 45; i++) {
        snprintf(name, sizeof name, "chain%d", i);
        unlink(name);
    }
    unlink("link");
    unlink("slashes");
    unlink("slash");
    unlink("dir/relative");
    unlink("dir/up");
    unlink("dir/file");
    rmdir("dir");
    return 0;
}
