/* getrlimit(2), setrlimit(2), prlimit(2): limits, lowered and kept. */
#include "../say.h"
#include <sys/resource.h>

int main(void)
{
    struct rlimit limit, other;
    say("getrlimit", getrlimit(RLIMIT_NOFILE, &limit));
    check("sane", limit.rlim_cur >= 64 && limit.rlim_cur <= limit.rlim_max);
    limit.rlim_cur = 60;
    say("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
    say("prlimit", prlimit(0, RLIMIT_NOFILE, NULL, &other));
    say("soft", other.rlim_cur);
    check("hard", other.rlim_max == limit.rlim_max);
    say("descriptor 59", dup2(1, 59));
    say("descriptor 60", dup2(1, 60));
    say("sysconf", sysconf(_SC_OPEN_MAX));
    limit.rlim_cur = limit.rlim_max + 1;
    if (limit.rlim_cur > limit.rlim_max)
        say("soft above hard", setrlimit(RLIMIT_NOFILE, &limit));
    say("no such limit", getrlimit(99, &limit));
    getrlimit(RLIMIT_STACK, &limit);
    check("stack", limit.rlim_cur >= 1 << 20);
    return 0;
}
