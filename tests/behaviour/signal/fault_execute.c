/* mprotect(2): a jump to where nothing may run is SIGSEGV at that address. */
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

int main(void)
{
    handle_info(SIGSEGV, note, 0);
    long page = sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(map, page);
    if (sigsetjmp(back, 1) == 0)
        ((void (*)(void))map)();
    printf("unmapped: %s\n", signame(last.si_signo));
    check("there", last.si_addr == map);
    check("SEGV_MAPERR", last.si_code == SEGV_MAPERR);
    last.si_signo = 0;
    if (sigsetjmp(back, 1) == 0)
        ((void (*)(void))NULL)();
    printf("null: %s\n", signame(last.si_signo));
    check("there", last.si_addr == NULL);
    return 0;
}
