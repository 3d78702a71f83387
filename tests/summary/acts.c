/* Acts that make a person look twice. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in address(unsigned ip, int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip) };
    return to;
}

static void talk(void)
{
    static const char question[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1";
    struct sockaddr_in to = address(0x08080808, 53);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    sendto(fd, question, sizeof question - 1, 0, (void *)&to, sizeof to);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    to = address(0, 4444);
    bind(fd, (void *)&to, sizeof to);
    listen(fd, 1);
    for (int host = 1; host <= 17; host++) {
        fd = socket(AF_INET, SOCK_STREAM, 0);
        to = address(0x0a000000 + host, 23);
        connect(fd, (void *)&to, sizeof to);
        if (host == 1)
            send(fd, "root\r\n", 6, 0);
        close(fd);
    }
}

static void from_memory(char *self)
{
    char bytes[4096], *words[] = { "again", "with words", 0 }, *none[] = { 0 };
    int from = open(self, O_RDONLY), to = syscall(SYS_memfd_create, "x", 0);
    ssize_t count;
    while ((count = read(from, bytes, sizeof bytes)) > 0)
        write(to, bytes, count);
    close(from);
    if (fork() == 0) {
        fexecve(to, words, none);
        _exit(1);
    }
    wait(0);
}

int main(int argc, char **argv)
{
    char self[4096] = "";
    if (argc == 2)
        return 7;
    readlink("/proc/self/exe", self, sizeof self - 1);
    prctl(PR_SET_NAME, "[kworker/0:1]");
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    close(open("/proc/self/status", O_RDONLY));
    void *memory = mmap(0, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(memory, 4096, PROT_READ | PROT_EXEC);
    mkdir("/etc", 0755);
    mkdir("/etc/cron.d", 0755);
    int fd = open("cron.txt", O_WRONLY | O_CREAT | O_EXCL, 0600);
    write(fd, "* * * * * root /x\n", 18);
    fchmod(fd, 0644);
    close(fd);
    rename("cron.txt", "/etc/cron.d/x");
    chmod("/etc/cron.d/x", 0755);
    open("/nothing", O_RDONLY);
    kill(1, SIGKILL);
    kill(getpid(), SIGCONT);
    from_memory(self);
    talk();
    syscall(SYS_bpf, 0, 0, 0);
    unlink(self);
    return 0;
}
