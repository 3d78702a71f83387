/* pipe(7): writes of at most PIPE_BUF bytes come whole, however many write. */
#include "../tasks.h"
#include <limits.h>

int main(void)
{
    enum { writers = 4, each = 40, size = 1000 };
    int fds[2];
    pipe(fds);
    for (int i = 0; i < writers; i++)
        if (fork() == 0) {
            char block[size];
            memset(block, 'a' + i, size);
            for (int j = 0; j < each; j++)
                if (write(fds[1], block, size) != size)
                    _exit(1);
            _exit(0);
        }
    close(fds[1]);
    FILE *in = fdopen(fds[0], "r");
    int counts[writers] = {0}, torn = 0, strange = 0;
    char block[size];
    while (fread(block, 1, size, in) == size) {
        for (int i = 1; i < size; i++)
            torn += block[i] != block[0];
        if (block[0] >= 'a' && block[0] < 'a' + writers)
            counts[block[0] - 'a']++;
        else
            strange++;
    }
    for (int i = 0; i < writers; i++) {
        int status;
        wait(&status);
        printf("%c came %d times\n", 'a' + i, counts[i]);
        strange += status != 0;
    }
    say("torn", torn);
    say("strange", strange);
    say("PIPE_BUF", PIPE_BUF);
    return 0;
}
