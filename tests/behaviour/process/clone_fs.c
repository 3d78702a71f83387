/* clone(2): with CLONE_FS both have one directory and one umask, without each has its own. */
#include "../tasks.h"
#include <sched.h>
#include <sys/stat.h>

static char stack[65536] __attribute__((aligned(64)));

static int child(void *unused)
{
    chdir("dir");
    umask(077);
    return 0;
}

static void run(const char *what, int flags)
{
    umask(022);
    reap(what, clone(child, stack + sizeof stack, flags | SIGCHLD, NULL));
    char path[4096];
    getcwd(path, sizeof path);
    printf("directory %s, umask %03o\n", strcmp(strrchr(path, '/'), "/dir") ? "as before" : "dir", umask(022));
}

int main(void)
{
    mkdir("dir", 0755);
    run("without CLONE_FS", 0);
    run("with", CLONE_FS);
    chdir("..");
    rmdir("dir");
    return 0;
}
