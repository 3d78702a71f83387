/* execveat(2), fexecve(3): a program is named by a descriptor, alone or as the directory that a path starts from. */
#include "../tasks.h"
#include <sys/stat.h>

static void run(const char *what, int dir, const char *path, int flags)
{
    pid_t pid = fork();
    if (pid == 0) {
        char *args[] = {"name", (char *)what, NULL};
        syscall(SYS_execveat, dir, path, args, environ, flags);
        say(what, -1);
        _exit(127);
    }
    reap(what, pid);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        printf("%s: runs\n", argv[1]);
        return 5;
    }
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    path[size > 0 ? size : 0] = 0;
    mkdir("dir", 0755);
    symlink(path, "dir/link");
    int dir = open("dir", O_DIRECTORY), file = open("/proc/self/exe", O_PATH);
    run("in a directory", dir, "link", 0);
    run("of the descriptor itself", file, "", AT_EMPTY_PATH);
    run("without the flag", file, "", 0);
    run("not through links", dir, "link", AT_SYMLINK_NOFOLLOW);
    run("an absolute path", -1, path, 0);
    run("of no descriptor", 999, "link", 0);
    run("of a directory", dir, "", AT_EMPTY_PATH);
    run("a flag that isn't one", dir, "link", 1);
    pid_t pid = fork();
    if (pid == 0) {
        char *args[] = {"name", "fexecve", NULL};
        fexecve(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), args, environ);
        _exit(127);
    }
    reap("fexecve", pid);
    unlink("dir/link");
    rmdir("dir");
    return 0;
}
