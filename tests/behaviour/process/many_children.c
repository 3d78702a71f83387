/* fork(2), wait(2): fifty children at once, and each is told once. */
#include "../tasks.h"

int main(void)
{
    enum { count = 50 };
    static int seen[count];
    struct gate go = new_gate();
    for (int i = 0; i < count; i++)
        if (fork() == 0) {
            pass(go);
            _exit(i);
        }
    for (int i = 0; i < count; i++)
        open_gate(go);
    int status, ends = 0, strange = 0;
    while (wait(&status) > 0) {
        ends++;
        strange += !WIFEXITED(status);
        seen[WEXITSTATUS(status)]++;
    }
    say("ends", ends);
    say("strange", strange);
    for (int i = 0; i < count; i++)
        if (seen[i] != 1)
            printf("%d came %d times\n", i, seen[i]);
    say("wait", wait(NULL));
    return 0;
}
