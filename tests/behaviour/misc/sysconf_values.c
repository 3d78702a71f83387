/* sysconf(3): the page size, the clock tick, and processors. */
#include "../say.h"
#include <sys/auxv.h>

int main(void)
{
    say("page size", sysconf(_SC_PAGESIZE));
    say("getpagesize", getpagesize());
    say("clock ticks", sysconf(_SC_CLK_TCK));
    check("processors", sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    check("memory", sysconf(_SC_PHYS_PAGES) > 1000);
    check("arguments", sysconf(_SC_ARG_MAX) >= 4096);
    say("no such value", sysconf(9999));
    check("auxv: page size", getauxval(AT_PAGESZ) == 4096);
    check("auxv: random bytes", getauxval(AT_RANDOM) != 0);
    check("auxv: entry point", getauxval(AT_ENTRY) != 0);
    say("auxv: secure", getauxval(AT_SECURE));
    check("auxv: ids", getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid());
    check("auxv: name", getauxval(AT_EXECFN) != 0 && strlen((char *)getauxval(AT_EXECFN)) > 0);
    return 0;
}
