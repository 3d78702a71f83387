/* proc_pid_mem(5): a process's memory as a file. */
#include "../tasks.h"
#include <stdint.h>

static char text[32] = "before";

int main(void)
{
    char other[32] = "";
    int fd = open("/proc/self/mem", O_RDWR);
    check("open", fd >= 0);
    say("pread", pread64(fd, other, 7, (off64_t)(uintptr_t)text));
    puts(other);
    say("pwrite", pwrite64(fd, "after", 6, (off64_t)(uintptr_t)text));
    puts((char *)(volatile char *)text);
    say("where nothing is", pread64(fd, other, 7, 8));
    struct gate ready = new_gate(), go = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        strcpy(text, "of the child");
        open_gate(ready);
        pass(go);
        puts(text);
        return 0;
    }
    pass(ready);
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/mem", pid);
    fd = open(name, O_RDWR);
    say("of a child", pread64(fd, other, 13, (off64_t)(uintptr_t)text));
    puts(other);
    say("pwrite", pwrite64(fd, "by its parent", 14, (off64_t)(uintptr_t)text));
    open_gate(go);
    reap("child", pid);
    say("ended", pread64(fd, other, 13, (off64_t)(uintptr_t)text));
    puts(text);
    return 0;
}
