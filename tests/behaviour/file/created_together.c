/* open(2): of several processes that create one file with O_EXCL, one does. */
#include "../tasks.h"

int main(void)
{
    struct gate go = new_gate();
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            pass(go);
            int fd = open("file", O_WRONLY | O_CREAT | O_EXCL, 0600);
            _exit(fd >= 0 ? 1 : errno == EEXIST ? 2 : 3);
        }
    for (int i = 0; i < 8; i++)
        open_gate(go);
    int status, counts[4] = {0};
    while (wait(&status) > 0)
        counts[WEXITSTATUS(status) & 3]++;
    say("made it", counts[1]);
    say("were late", counts[2]);
    unlink("file");
    return 0;
}
