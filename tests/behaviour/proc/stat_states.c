/* proc_pid_stat(5): the state of a child that sleeps, that is stopped, that has ended. */
#include "../tasks.h"

static char state(pid_t pid, int *parent)
{
    char file[64], line[1024];
    snprintf(file, sizeof file, "/proc/%d/stat", pid);
    int fd = open(file, O_RDONLY);
    ssize_t size = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
    close(fd);
    if (size < 0)
        return '-';
    line[size] = 0;
    char *end = strrchr(line, ')'), letter = '?';
    sscanf(end + 1, " %c %d", &letter, parent);
    return letter;
}

int main(void)
{
    int fds[2], status, parent = 0;
    pipe(fds);
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        read(fds[0], &byte, 1);
        for (volatile long i = 0;; i++)
            ;
    }
    while (state(pid, &parent) != 'S')
        sleep_ms(1);
    puts("S in read");
    check("its parent", parent == getpid());
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    printf("%c when it is stopped\n", state(pid, &parent));
    kill(pid, SIGCONT);
    write(fds[1], "x", 1);
    while (state(pid, &parent) != 'R')
        sleep_ms(1);
    puts("R when it computes");
    kill(pid, SIGKILL);
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    printf("%c when it has ended\n", state(pid, &parent));
    reap("child", pid);
    printf("%c when it has been waited for\n", state(pid, &parent));
    printf("%c for oneself\n", state(getpid(), &parent));
    check("our parent", parent == getppid());
    return 0;
}
