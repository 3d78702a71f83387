/* EFAULT: an address that can't be read, or written. */
#include "../say.h"
#include <sys/random.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

int main(void)
{
    char *volatile bad = (char *)8;
    char *volatile negative = (char *)-64;
    put("file", "some text");
    int fd = open("file", O_RDWR);
    say("open", open(bad, O_RDONLY));
    say("read", read(fd, bad, 4));
    say("offset", lseek(fd, 0, SEEK_CUR));
    say("write", write(fd, bad, 4));
    say("read of nothing", read(fd, bad, 0));
    say("access", access(bad, F_OK));
    say("statfs", statfs("file", (void *)bad));
    say("getcwd", syscall(SYS_getcwd, bad, 4096));
    say("unlink", unlink(bad));
    say("rename", rename("file", bad));
    say("readlink", readlink("/proc/self/exe", bad, 100));
    say("pipe2", pipe2((int *)bad, 0));
    say("getrandom", getrandom(bad, 64, 0));
    say("write from the end of all addresses", write(fd, negative, 32));
    say("read there", read(fd, negative, 4));
    show("file");
    close(fd);
    unlink("file");
    return 0;
}
