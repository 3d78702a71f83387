/* getrlimit(2), prlimit(2): limits are inherited by fork and execve; others' can be read and set. */
#include "../tasks.h"
#include <sys/resource.h>

static void tell(const char *what, int resource)
{
    struct rlimit limit = {1, 1};
    if (getrlimit(resource, &limit))
        say(what, -1);
    else if (limit.rlim_max == RLIM_INFINITY)
        printf("%s: %lld, no limit\n", what, (long long)limit.rlim_cur);
    else
        printf("%s: %lld, at most %lld\n", what, (long long)limit.rlim_cur, (long long)limit.rlim_max);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        struct gate up = {-1, 41}, go = {40, -1};
        tell("NOFILE after execve", RLIMIT_NOFILE);
        open_gate(up);
        pass(go);
        tell("NOFILE set from outside", RLIMIT_NOFILE);
        tell("CORE set from outside", RLIMIT_CORE);
        return 0;
    }
    struct rlimit limit = {100, 200}, old;
    say("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
    tell("NOFILE", RLIMIT_NOFILE);
    struct gate up = new_gate(), go = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        tell("NOFILE of the child", RLIMIT_NOFILE);
        dup2(go.out, 40);
        dup2(up.in, 41);
        execl("/proc/self/exe", "second", "run", NULL);
        _exit(127);
    }
    pass(up);
    limit.rlim_cur = 80;
    limit.rlim_max = 90;
    say("prlimit", prlimit(pid, RLIMIT_NOFILE, &limit, &old));
    printf("before: %lld, at most %lld\n", (long long)old.rlim_cur, (long long)old.rlim_max);
    limit.rlim_cur = limit.rlim_max = 0;
    say("prlimit", prlimit(pid, RLIMIT_CORE, &limit, NULL));
    open_gate(go);
    reap("child", pid);
    tell("NOFILE of the parent", RLIMIT_NOFILE);
    limit.rlim_cur = 2;
    limit.rlim_max = 1;
    say("above its maximum", setrlimit(RLIMIT_NOFILE, &limit));
    say("a resource that isn't one", getrlimit(77, &limit));
    say("of nobody", prlimit(pid, RLIMIT_NOFILE, NULL, &old));
    return 0;
}
