/* execve(2): what can't be run, and why; the caller goes on as it was. */
#include "../tasks.h"
#include <sys/stat.h>

static void run(const char *what, const char *path)
{
    char *args[] = {"x", NULL};
    say(what, execve(path, args, environ));
}

int main(void)
{
    char *volatile gap = (char *)8;
    char *args[] = {"x", NULL}, *huge[3] = {"x", malloc(200000), NULL};
    put("plain", "text of no format\n");
    put("empty", "");
    mkdir("dir", 0755);
    symlink("loop", "loop");
    run("absent", "absent");
    run("no name", "");
    run("not executable", "plain");
    chmod("plain", 0755);
    run("no format", "plain");
    chmod("empty", 0755);
    run("nothing in it", "empty");
    run("a directory", "dir");
    run("below a file", "plain/x");
    run("a loop", "loop");
    memset(huge[1], 'a', 199999);
    huge[1][199999] = 0;
    say("an argument of 200000 bytes", execve("/proc/self/exe", huge, environ));
    say("no path", execve(gap, args, environ));
    say("a bad argument", execve("/proc/self/exe", (char *[]){"x", gap, NULL}, environ));
    put("elf", "\177ELF");
    chmod("elf", 0755);
    run("a header cut short", "elf");
    char name[300];
    memset(name, 'n', 299);
    name[299] = 0;
    run("a name too long", name);
    unlink("plain");
    unlink("empty");
    unlink("elf");
    unlink("loop");
    rmdir("dir");
    return 0;
}
