/* pipe(7): who reads an empty pipe waits for a writer; when the last writer closes, it reads the end. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    pipe(fds);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        for (int i = 0; i < 3; i++) {
            sleep_ms(2);
            dprintf(fds[1], "line %d\n", i);
        }
        return 0;
    }
    pid_t other = fork();
    if (other == 0) {
        close(fds[0]);
        int status = 0;
        sleep_ms(10);
        return status;
    }
    close(fds[1]);
    FILE *in = fdopen(fds[0], "r");
    char line[64];
    while (fgets(line, sizeof line, in))
        fputs(line, stdout);
    say("the end", feof(in) != 0);
    reap("writer", pid);
    reap("one that only held it open", other);
    return 0;
}
