/* umask(2): inherited by fork and execve; a child's change is its own. */
#include "../tasks.h"
#include <sys/stat.h>

int main(int argc, char **argv)
{
    if (argc > 1) {
        printf("after execve %03o\n", umask(0));
        return 0;
    }
    printf("set %d\n", umask(0) >= 0);
    umask(0123);
    pid_t pid = fork();
    if (pid == 0) {
        printf("child %03o\n", umask(0456));
        struct stat st;
        mkdir("dir", 0777);
        stat("dir", &st);
        printf("dir %03o\n", st.st_mode & 0777);
        execl("/proc/self/exe", "second", "run", NULL);
        _exit(127);
    }
    reap("child", pid);
    printf("parent %03o\n", umask(07777));
    printf("only nine bits %03o\n", umask(0));
    rmdir("dir");
    return 0;
}
