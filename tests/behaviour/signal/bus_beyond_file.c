/* mmap(2): a page of a mapping that lies wholly beyond the file's end is SIGBUS; the rest of the last page is zero. */
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
    long page = sysconf(_SC_PAGESIZE);
    handle_info(SIGBUS, note, 0);
    put("file", "ten bytes.");
    int fd = open("file", O_RDWR);
    volatile char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    say("inside", map[9]);
    say("after the end, same page", map[10] + map[page - 1]);
    if (sigsetjmp(back, 1) == 0)
        say("beyond", map[page + 1]);
    printf("%s\n", last.si_signo ? signame(last.si_signo) : "no signal");
    check("BUS_ADRERR", last.si_code == BUS_ADRERR);
    check("the address", last.si_addr == (void *)(map + page + 1));
    say("ftruncate", ftruncate(fd, page + 2));
    say("now", map[page + 1]);
    say("and back", ftruncate(fd, 3));
    if (sigsetjmp(back, 1) == 0)
        say("beyond", map[page + 1]);
    printf("%s\n", signame(last.si_signo));
    say("cut away", map[9]);
    say("a call", read(open("/dev/zero", O_RDONLY), (char *)map + page, 1));
    unlink("file");
    return 0;
}
