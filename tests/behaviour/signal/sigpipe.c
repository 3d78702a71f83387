/* pipe(7): a write to a pipe that nobody reads raises SIGPIPE; where that is ignored or blocked, EPIPE tells. */
#include "../tasks.h"

static volatile int got;

static void note(int sig)
{
    got++;
}

int main(void)
{
    int fds[2];
    pipe(fds);
    close(fds[0]);
    pid_t pid = fork();
    if (pid == 0) {
        write(fds[1], "x", 1);
        return 0;
    }
    reap("default", pid);
    signal(SIGPIPE, SIG_IGN);
    say("ignored", write(fds[1], "x", 1));
    handle(SIGPIPE, note, 0);
    say("handled", write(fds[1], "x", 1));
    say("the handler ran", got);
    mask(SIG_BLOCK, SIGPIPE);
    say("blocked", write(fds[1], "x", 1));
    sigset_t set;
    sigpending(&set);
    say("pending", sigismember(&set, SIGPIPE));
    say("of nothing", write(fds[1], "", 0));
    return 0;
}
