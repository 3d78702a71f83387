/* proc_pid_comm(5): a thread's name, to read and to write. */
#include "../tasks.h"
#include <sys/prctl.h>

int main(int argc, char **argv)
{
    char name[32] = "";
    if (argc > 1) {
        show("/proc/self/comm");
        return 0;
    }
    int fd = open("/proc/self/comm", O_RDWR);
    check("open", fd >= 0);
    say("write", write(fd, "a new name", 10));
    prctl(PR_GET_NAME, name);
    puts(name);
    show("/proc/self/comm");
    say("a long one", write(fd, "one of more than fifteen", 24));
    show("/proc/self/comm");
    pid_t pid = fork();
    if (pid == 0) {
        show("/proc/self/comm");
        char path[512] = "";
        readlink("/proc/self/exe", path, sizeof path - 1);
        symlink(path, "linked");
        execl("./linked", "any", "run", NULL);
        _exit(127);
    }
    reap("child", pid);
    unlink("linked");
    return 0;
}
