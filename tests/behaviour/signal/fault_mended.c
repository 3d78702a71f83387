/* sigaction(2), mprotect(2): when the handler of a fault returns, the instruction is run again. */
#include "../tasks.h"
#include <sys/mman.h>

static char *map;
static long page;
static volatile int faults;

static void mend(int sig, siginfo_t *info, void *context)
{
    faults++;
    char *at = (char *)((unsigned long)info->si_addr & ~(page - 1));
    if (mprotect(at, page, PROT_READ | PROT_WRITE))
        _exit(1);
}

int main(void)
{
    enum { pages = 10 };
    page = sysconf(_SC_PAGESIZE);
    handle_info(SIGSEGV, mend, 0);
    map = mmap(NULL, pages * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long sum = 0;
    for (int i = 0; i < pages; i++) {
        ((volatile char *)map)[i * page + i] = i;
        sum += map[i * page + i];
    }
    say("faults", faults);
    say("sum", sum);
    mprotect(map, pages * page, PROT_READ);
    for (int i = 0; i < pages; i += 3)
        map[i * page] += 5;
    say("faults", faults);
    say("call with a page that faults", read(open("/dev/zero", O_RDONLY), map + page, 1));
    say("no signal by that", faults);
    return 0;
}
