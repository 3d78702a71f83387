/* proc_pid_stat(5): the fields of the line, in their order. */
#include "../tasks.h"
#include <sys/prctl.h>

int main(void)
{
    char line[1024], name[64];
    prctl(PR_SET_NAME, "a (name) x");
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        int fd = open("/proc/self/stat", O_RDONLY);
        ssize_t size = read(fd, line, sizeof line - 1);
        line[size > 0 ? size : 0] = 0;
        char *begin = strchr(line, '('), *end = strrchr(line, ')'), *rest = end + 2;
        check("pid", atoi(line) == getpid());
        printf("%.*s\n", (int)(end - begin + 1), begin);
        int fields = 2;
        long long values[64] = {0};
        for (char *text = strtok(rest, " \n"); text && fields < 60; text = strtok(NULL, " \n"))
            values[++fields] = atoll(text);
        say("fields", fields);
        check("ppid", values[4] == getppid());
        check("pgrp", values[5] == getpgrp());
        check("session", values[6] == getsid(0));
        say("tty_nr", values[7]);
        printf("tpgid: %lld\n", values[8]);
        say("num_threads", values[20]);
        check("starttime", values[22] > 0);
        check("vsize", values[23] > 100000);
        check("rss", values[24] > 0);
        say("exit_signal is SIGCHLD", values[38] == SIGCHLD);
        return 0;
    }
    reap("child", pid);
    snprintf(name, sizeof name, "/proc/%d/statm", getpid());
    FILE *statm = fopen(name, "r");
    long pages = 0, resident = 0;
    check("statm", statm && fscanf(statm, "%ld %ld", &pages, &resident) == 2 && pages >= resident && resident > 0);
    return 0;
}
