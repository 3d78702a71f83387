/* open(2): with O_APPEND every write goes to the end, though several processes write. */
#include "../tasks.h"

int main(void)
{
    enum { writers = 4, each = 50 };
    for (int i = 0; i < writers; i++)
        if (fork() == 0) {
            int fd = open("file", O_WRONLY | O_CREAT | O_APPEND, 0644);
            char line[11];
            for (int j = 0; j < each; j++) {
                snprintf(line, sizeof line, "%d says %02d\n", i, j);
                if (write(fd, line, 10) != 10)
                    _exit(1);
            }
            _exit(0);
        }
    int status, failed = 0;
    while (wait(&status) > 0)
        failed += status != 0;
    say("failed", failed);
    FILE *file = fopen("file", "r");
    int next[writers] = {0}, lines = 0, wrong = 0, who, what;
    while (fscanf(file, "%d says %d\n", &who, &what) == 2) {
        lines++;
        wrong += who < 0 || who >= writers || what != next[who]++;
    }
    say("lines", lines);
    say("wrong", wrong);
    unlink("file");
    return 0;
}
