/* posix_spawn(3): a program with files opened, copied and closed for it, in a group and with signals of its own. */
#include "../tasks.h"
#include <spawn.h>

int main(int argc, char **argv)
{
    if (argc > 1) {
        char text[32] = "";
        say("read", read(7, text, 31));
        puts(text);
        say("closed", fcntl(8, F_GETFD));
        check("leads a group", getpgrp() == getpid());
        sigset_t set;
        sigprocmask(SIG_SETMASK, NULL, &set);
        say("USR1 blocked", sigismember(&set, SIGUSR1));
        struct sigaction action;
        sigaction(SIGUSR2, NULL, &action);
        check("USR2 is default", action.sa_handler == SIG_DFL);
        return 21;
    }
    put("file", "from a file");
    handle(SIGUSR2, SIG_IGN, 0);
    dup2(1, 8);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 6, "file", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, 6, 7);
    posix_spawn_file_actions_addclose(&actions, 8);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    posix_spawnattr_setsigmask(&attributes, &set);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    posix_spawnattr_setsigdefault(&attributes, &set);
    pid_t pid;
    char *args[] = {"spawned", "run", NULL};
    int error = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, args, environ);
    reap("it", pid);
    say("spawn", error);
    printf("of nothing: %s\n", strerror(posix_spawn(&pid, "absent", NULL, NULL, args, environ)));
    say("no child of that", wait(NULL));
    unlink("file");
    return 0;
}
