/* Extended attributes: user.* of files and directories, sizes, what is told of names that aren't. */
#include "../say.h"
#include <sys/stat.h>
#include <sys/xattr.h>

static void list(const char *path)
{
    char names[256];
    ssize_t size = listxattr(path, names, sizeof names);
    if (size < 0) {
        say("listxattr", size);
        return;
    }
    /* In no order, and with what a security module adds. */
    static const char *const known[] = { "user.one", "user.two", "user.three", "user.dir" };
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        for (char *name = names; name < names + size; name += strlen(name) + 1)
            if (strcmp(name, known[i]) == 0)
                printf("  %s\n", name);
}

int main(void)
{
    char value[64] = "";
    char *big = calloc(1, 70000);
    put("file", "");
    mkdir("dir", 0755);
    symlink("file", "link");
    say("get of none", getxattr("file", "user.none", value, sizeof value));
    say("set", setxattr("file", "user.one", "value", 5, 0));
    say("size", getxattr("file", "user.one", NULL, 0));
    say("get", getxattr("file", "user.one", value, sizeof value));
    puts(value);
    say("too small", getxattr("file", "user.one", value, 3));
    say("through the link", getxattr("link", "user.one", value, sizeof value));
    say("create again", setxattr("file", "user.one", "x", 1, XATTR_CREATE));
    say("replace", setxattr("file", "user.one", "xy", 2, XATTR_REPLACE));
    say("replace of none", setxattr("file", "user.two", "xy", 2, XATTR_REPLACE));
    say("create", setxattr("file", "user.two", "", 0, XATTR_CREATE));
    say("empty value", getxattr("file", "user.two", value, sizeof value));
    say("flags", setxattr("file", "user.two", "", 0, 8));
    say("no name", setxattr("file", "", "", 0, 0));
    say("no name space", setxattr("file", "name", "", 0, 0));
    say("user. alone", setxattr("file", "user.", "", 0, 0));
    say("nothing there", setxattr("none", "user.one", "", 0, 0));
    say("too big", setxattr("file", "user.big", big, 65537, 0));
    list("file");
    say("of a link itself", lsetxattr("link", "user.one", "", 0, 0));
    say("of a link itself, get", lgetxattr("link", "user.one", value, sizeof value));
    say("of a directory", setxattr("dir", "user.dir", "d", 1, 0));
    list("dir");
    int fd = open("file", O_RDONLY);
    say("fsetxattr", fsetxattr(fd, "user.three", "3", 1, 0));
    say("fgetxattr", fgetxattr(fd, "user.three", value, sizeof value));
    say("fremovexattr", fremovexattr(fd, "user.three"));
    say("again", fremovexattr(fd, "user.three"));
    close(fd);
    say("closed", fgetxattr(fd, "user.three", value, sizeof value));
    say("remove", removexattr("file", "user.one"));
    list("file");
    unlink("link");
    unlink("file");
    rmdir("dir");
    free(big);
    return 0;
}
