/* xattr(7): names with values beside a file's contents. */
#include "../tasks.h"
#include <sys/xattr.h>

int main(void)
{
    char value[16] = "", list[64];
    put("file", "");
    say("none", getxattr("file", "user.a", value, 15));
    say("set", setxattr("file", "user.a", "first", 5, 0));
    say("get", getxattr("file", "user.a", value, 15));
    puts(value);
    say("its size", getxattr("file", "user.a", NULL, 0));
    say("too small", getxattr("file", "user.a", value, 3));
    say("XATTR_CREATE", setxattr("file", "user.a", "x", 1, XATTR_CREATE));
    say("XATTR_REPLACE", setxattr("file", "user.b", "x", 1, XATTR_REPLACE));
    int fd = open("file", O_RDWR);
    say("of a descriptor", fsetxattr(fd, "user.bb", "", 0, XATTR_CREATE));
    say("empty", fgetxattr(fd, "user.bb", value, 15));
    ssize_t size = listxattr("file", list, sizeof list);
    int a = 0, bb = 0, others = 0;
    for (ssize_t at = 0; at < size; at += strlen(list + at) + 1) {
        a += !strcmp(list + at, "user.a");
        bb += !strcmp(list + at, "user.bb");
        others += !strncmp(list + at, "user.", 5);
    }
    printf("listed: %d %d of %d\n", a, bb, others);
    say("too small", listxattr("file", list, 3));
    say("remove", removexattr("file", "user.a"));
    say("again", removexattr("file", "user.a"));
    say("get", getxattr("file", "user.a", value, 15));
    symlink("file", "link");
    say("through a link", setxattr("link", "user.c", "through", 7, 0));
    say("of the link itself", lsetxattr("link", "user.c", "x", 1, 0));
    say("get", getxattr("file", "user.c", value, 15));
    say("of no kind", setxattr("file", "nothing", "x", 1, 0));
    say("no name", setxattr("file", "user.", "x", 1, 0));
    say("of nothing", getxattr("absent", "user.a", value, 15));
    unlink("link");
    unlink("file");
    return 0;
}
