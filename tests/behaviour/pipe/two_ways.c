/* pipe(2): two pipes make a conversation. */
#include "../tasks.h"

int main(void)
{
    int down[2], up[2];
    pipe(down);
    pipe(up);
    pid_t pid = fork();
    if (pid == 0) {
        char line[64];
        close(down[1]);
        close(up[0]);
        FILE *in = fdopen(down[0], "r"), *out = fdopen(up[1], "w");
        while (fgets(line, sizeof line, in)) {
            int a, b;
            if (sscanf(line, "%d %d", &a, &b) != 2)
                break;
            fprintf(out, "%d\n", a * b);
            fflush(out);
        }
        fprintf(out, "bye\n");
        fclose(out);
        return 5;
    }
    close(down[0]);
    close(up[1]);
    FILE *in = fdopen(up[0], "r"), *out = fdopen(down[1], "w");
    char line[64];
    for (int i = 1; i <= 5; i++) {
        fprintf(out, "%d %d\n", i, i + 10);
        fflush(out);
        fputs(fgets(line, sizeof line, in), stdout);
    }
    fclose(out);
    fputs(fgets(line, sizeof line, in), stdout);
    check("the end", fgets(line, sizeof line, in) == NULL);
    reap("child", pid);
    return 0;
}
