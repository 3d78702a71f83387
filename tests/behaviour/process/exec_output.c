/* fork(2), dup2(2), execve(2): a program's output caught by a pipe, its input given by another. */
#include "../tasks.h"

int main(int argc, char **argv)
{
    if (argc > 1) {
        int byte;
        while ((byte = getchar()) != EOF)
            putchar(byte >= 'a' && byte <= 'z' ? byte - 32 : byte);
        fprintf(stderr, "on stderr\n");
        return 3;
    }
    int in[2], out[2];
    pipe(in);
    pipe(out);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(1, 2);
        close(in[0]);
        close(in[1]);
        close(out[0]);
        close(out[1]);
        execl("/proc/self/exe", "upper", "run", NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    say("write", write(in[1], "some text\nmore of it\n", 21));
    close(in[1]);
    char text[256];
    size_t size = 0;
    ssize_t got;
    while ((got = read(out[0], text + size, sizeof text - 1 - size)) > 0)
        size += got;
    text[size] = 0;
    fputs(text, stdout);
    reap("it", pid);
    return 0;
}
