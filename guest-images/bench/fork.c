/* fork, exit, wait: argv[1] times (default 2,000). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int times = argc > 1 ? atoi(argv[1]) : 2000, sum = 0;
    for (int i = 0; i < times; i++) {
        pid_t child = fork();
        if (child < 0)
            return perror("fork"), 1;
        if (child == 0)
            _exit(i & 63);
        int status;
        if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != (i & 63))
            return puts("a child ended otherwise"), 1;
        sum += WEXITSTATUS(status);
    }
    printf("%d children, sum %d\n", times, sum);
    return 0;
}
