/* /proc/self/cmdline and environ are what is in the memory that the arguments and the environment were put in. */
#include "../say.h"
#include <sys/mman.h>

static void tell(const char *what, const char *file)
{
    char text[8192];
    int fd = open(file, O_RDONLY);
    ssize_t size = read(fd, text, sizeof text);
    printf("%s (%zd):", what, size);
    for (ssize_t i = 0; i < size && i < 100; i++)
        putchar(text[i] ? text[i] : '|');
    putchar('\n');
    close(fd);
}

int main(int argc, char **argv, char **envp)
{
    if (argc == 1) {
        char *words[] = {"name", "first", "", "third", 0};
        char *variables[] = {"ONE=1", "TWO=22", 0};
        fflush(stdout);
        execve("/proc/self/exe", words, variables);
        say("execve", -1);
        return 1;
    }
    char *end = argv[argc - 1] + strlen(argv[argc - 1]);
    check("the environment follows", end + 1 == envp[0]);
    tell("as it was", "/proc/self/cmdline");
    tell("the environment", "/proc/self/environ");
    argv[1][0] = 'F';
    argv[1][2] = 0;
    tell("written to", "/proc/self/cmdline");
    memset(argv[0], 'x', 2);
    tell("the first too", "/proc/self/cmdline");
    envp[0][0] = 'o';
    tell("the environment, written to", "/proc/self/environ");

    /* A last byte that is not 0 makes it a title. */
    *end = '!';
    tell("a title that goes on", "/proc/self/cmdline");
    memset(argv[0], 't', end - argv[0]);
    tell("a long title", "/proc/self/cmdline");
    strcpy(argv[0], "title");
    *end = '!';
    tell("a short title", "/proc/self/cmdline");
    argv[0][0] = 0;
    tell("an empty title", "/proc/self/cmdline");
    tell("the environment after all", "/proc/self/environ");

    /* Of another process, its own memory counts. */
    char path[64];
    int to[2], from[2];
    pipe(to);
    pipe(from);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        strcpy(argv[0], "child");
        write(to[1], "", 1);
        read(from[0], &byte, 1);
        _exit(0);
    }
    char byte;
    read(to[0], &byte, 1);
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)child);
    tell("the child's", path);
    tell("the parent's", "/proc/self/cmdline");
    write(from[1], "", 1);
    return 0;
}
