/* process_vm_readv(2), process_vm_writev(2): a parent reads and writes its child's memory. */
#include "../tasks.h"
#include <sys/uio.h>

int main(void)
{
    static char text[32] = "nothing yet";
    static char *const gap = (char *)8;
    struct gate up = new_gate(), go = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        strcpy(text, "of the child");
        open_gate(up);
        pass(go);
        puts(text);
        return 0;
    }
    pass(up);
    char first[8] = "", second[32] = "";
    struct iovec local[2] = {{first, 2}, {second, 30}}, remote = {text, 32};
    say("read", process_vm_readv(pid, local, 2, &remote, 1, 0) == 32);
    printf("\"%s\" \"%s\"\n", first, second);
    say("ours", text[0]);
    struct iovec from = {"written", 8};
    say("write", process_vm_writev(pid, &from, 1, &remote, 1, 0));
    struct iovec partly[2] = {{text, 4}, {gap, 4}};
    struct iovec all = {second, 32};
    say("partly there", process_vm_readv(pid, &all, 1, partly, 2, 0));
    say("not there", process_vm_readv(pid, &all, 1, partly + 1, 1, 0));
    open_gate(go);
    reap("child", pid);
    say("of nobody", process_vm_readv(pid, &all, 1, &remote, 1, 0));
    return 0;
}
