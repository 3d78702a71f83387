/* execve(2): the process stays what it was: its pid, parent, group, session, directory, umask, limits and alarm. */
#include "../tasks.h"
#include <sys/resource.h>
#include <sys/stat.h>

static void list(char *text, size_t size)
{
    char path[256];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    mode_t mode = umask(0);
    umask(mode);
    snprintf(text, size, "%d %d %d %d %s %o %lld", getpid(), getppid(), getpgrp(), getsid(0), getcwd(path, sizeof path), mode,
        (long long)limit.rlim_cur);
}

int main(int argc, char **argv)
{
    char text[512];
    if (argc > 1) {
        list(text, sizeof text);
        check("the same", !strcmp(text, argv[1]));
        check("the alarm is still to come", alarm(0) > 0);
        return 0;
    }
    mkdir("dir", 0755);
    pid_t pid = fork();
    if (pid == 0) {
        chdir("dir");
        umask(027);
        setpgid(0, 0);
        struct rlimit limit = {100, 100};
        setrlimit(RLIMIT_NOFILE, &limit);
        alarm(1000);
        list(text, sizeof text);
        char *args[] = {"second", text, NULL};
        execv("/proc/self/exe", args);
        _exit(127);
    }
    reap("child", pid);
    rmdir("dir");
    return 0;
}
