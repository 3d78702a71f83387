/* sigaction(2): SIGSEGV tells the address and whether nothing is mapped there or it may not be used so. */
#include "../tasks.h"
#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;
static volatile siginfo_t last;

static void note(int sig, siginfo_t *info, void *context)
{
    last = *info;
    siglongjmp(back, 1);
}

static void try(const char *what, char *address, int write)
{
    last.si_signo = 0;
    if (sigsetjmp(back, 1) == 0) {
        if (write)
            *(volatile char *)address = 1;
        else
            (void)*(volatile char *)address;
    }
    if (!last.si_signo) {
        printf("%s: works\n", what);
        return;
    }
    printf("%s: %s %s\n", what, signame(last.si_signo),
        last.si_code == SEGV_MAPERR ? "SEGV_MAPERR" : last.si_code == SEGV_ACCERR ? "SEGV_ACCERR" : "?");
    check("the address", last.si_addr == address);
}

int main(void)
{
    handle_info(SIGSEGV, note, 0);
    long page = sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(map + 2 * page, page);
    try("read", map, 0);
    try("write of null", NULL, 1);
    try("read near null", (char *)24, 0);
    try("write after the end", map + 2 * page + 5, 1);
    mprotect(map, page, PROT_READ);
    try("read of read-only", map + 7, 0);
    try("write of read-only", map + 7, 1);
    mprotect(map, page, PROT_NONE);
    try("read of PROT_NONE", map + 9, 0);
    try("write of what is left", map + page, 1);
    try("write of code", (char *)main, 1);
    return 0;
}
