/* pipe(7): a token goes round ten processes. */
#include "../tasks.h"

int main(void)
{
    enum { members = 10, rounds = 20 };
    int pipes[members][2];
    for (int i = 0; i < members; i++)
        pipe(pipes[i]);
    for (int i = 1; i < members; i++)
        if (fork() == 0) {
            int token;
            for (int round = 0; round < rounds; round++) {
                read(pipes[i - 1][0], &token, sizeof token);
                token++;
                write(pipes[i][1], &token, sizeof token);
            }
            _exit(0);
        }
    int token = 0;
    for (int round = 0; round < rounds; round++) {
        write(pipes[0][1], &token, sizeof token);
        read(pipes[members - 1][0], &token, sizeof token);
    }
    say("token", token);
    int status, ends = 0;
    while (wait(&status) > 0)
        ends += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    say("members that ended well", ends);
    return 0;
}
