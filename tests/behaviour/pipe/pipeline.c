/* pipe(2), dup2(2), execve(2): three programs in a row, as a shell makes them. */
#include "../tasks.h"

static int stage(const char *what)
{
    char line[64];
    int count = 0;
    if (!strcmp(what, "numbers"))
        for (int i = 1; i <= 2000; i++)
            printf("%d\n", i);
    else if (!strcmp(what, "odd"))
        while (fgets(line, sizeof line, stdin)) {
            if (atoi(line) % 2)
                fputs(line, stdout);
        }
    else {
        while (fgets(line, sizeof line, stdin))
            count++;
        printf("%d lines, the last %s", count, line);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return stage(argv[1]);
    static const char *const stages[] = {"numbers", "odd", "count"};
    int in = 0, fds[2];
    pid_t pids[3];
    for (int i = 0; i < 3; i++) {
        if (i < 2)
            pipe2(fds, O_CLOEXEC);
        pids[i] = fork();
        if (pids[i] == 0) {
            dup2(in, 0);
            if (i < 2)
                dup2(fds[1], 1);
            execl("/proc/self/exe", stages[i], stages[i], NULL);
            _exit(127);
        }
        if (in)
            close(in);
        if (i < 2) {
            close(fds[1]);
            in = fds[0];
        }
    }
    int statuses[3];
    for (int i = 0; i < 3; i++)
        waitpid(pids[i], &statuses[i], 0);
    for (int i = 0; i < 3; i++)
        ended(stages[i], statuses[i]);
    return 0;
}
