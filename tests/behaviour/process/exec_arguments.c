/* execve(2): the new program has the arguments and the environment that it was given, the pid and nothing else of the old. */
#include "../tasks.h"

static int data = 1;

int main(int argc, char **argv, char **env)
{
    if (argc > 1) {
        say("argc", argc);
        for (int i = 0; i < argc; i++)
            printf("argv[%d] \"%s\"\n", i, i == 2 ? "its pid" : argv[i]);
        for (int i = 0; env[i]; i++)
            printf("env[%d] \"%s\"\n", i, env[i]);
        check("the same pid", atoi(argv[2]) == getpid());
        say("data", data);
        return argc;
    }
    data = 2;
    pid_t pid = fork();
    if (pid == 0) {
        char mine[32];
        snprintf(mine, sizeof mine, "%d", getpid());
        char *args[] = {"any name", "", mine, "two words", "\xc3\xa9", NULL};
        char *vars[] = {"A=1", "EMPTY=", "no equals sign", "A=2", NULL};
        execve("/proc/self/exe", args, vars);
        say("execve", -1);
        _exit(127);
    }
    reap("child", pid);
    say("data of the parent", data);
    return 0;
}
