/* execve(2), open(2): a file that is open for writing can't be run, and one that runs can't be written: ETXTBSY. */
#include "../tasks.h"
#include <sys/sendfile.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    if (argc > 1) {
        struct gate go = {3, -1}, up = {-1, 4};
        open_gate(up);
        pass(go);
        return 6;
    }
    int from = open("/proc/self/exe", O_RDONLY), to = open("copy", O_WRONLY | O_CREAT, 0755);
    struct stat st;
    fstat(from, &st);
    while (sendfile(to, from, NULL, st.st_size) > 0)
        ;
    pid_t pid = fork();
    if (pid == 0) {
        execl("./copy", "copy", "run", NULL);
        say("execve while it is written", -1);
        _exit(1);
    }
    reap("child", pid);
    close(to);
    close(from);
    struct gate go = new_gate(), up = new_gate();
    pid = fork();
    if (pid == 0) {
        dup2(go.out, 100);
        dup2(up.in, 101);
        dup2(100, 3);
        dup2(101, 4);
        execl("./copy", "copy", "run", NULL);
        _exit(1);
    }
    pass(up);
    say("open to write while it runs", open("copy", O_WRONLY));
    say("truncate", truncate("copy", 0));
    check("open to read", open("copy", O_RDONLY) >= 0);
    say("unlink", unlink("copy"));
    open_gate(go);
    reap("copy", pid);
    return 0;
}
