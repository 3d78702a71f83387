/* execve(2): a file that begins with #! is run by the interpreter it names, which is given at most one argument and the file. */
#include "../tasks.h"
#include <sys/stat.h>

static void run(const char *script)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl(script, "is replaced", "first", "second", NULL);
        say(script, -1);
        _exit(127);
    }
    reap(script, pid);
}

static void make(const char *name, const char *text)
{
    put(name, text);
    chmod(name, 0755);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        for (int i = 0; i < argc; i++)
            printf("  argv[%d] \"%s\"\n", i, argv[i]);
        return argc;
    }
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    path[size > 0 ? size : 0] = 0;
    symlink(path, "interpreter");
    make("plain", "#!./interpreter\nthe rest is the interpreter's\n");
    run("plain");
    make("one", "#! ./interpreter  one argument,  all of it \t\nrest\n");
    run("./one");
    make("last", "#!./interpreter -x");
    run("last");
    make("nested", "#!./one\n");
    run("nested");
    make("absent", "#!./no-such-interpreter\n");
    run("absent");
    make("nothing", "#!\n");
    run("nothing");
    make("itself", "#!./itself\n");
    run("itself");
    static const char *const names[] = {"plain", "one", "last", "nested", "absent", "nothing", "itself", "interpreter"};
    for (int i = 0; i < 8; i++)
        unlink(names[i]);
    return 0;
}
