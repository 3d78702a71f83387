/* setrlimit(2): RLIMIT_AS bounds the address space, RLIMIT_DATA the data: beyond them there is ENOMEM. */
#include "../tasks.h"
#include <sys/mman.h>
#include <sys/resource.h>

static void try(const char *what, size_t size)
{
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    say(what, map == MAP_FAILED ? -1 : munmap(map, size));
}

int main(void)
{
    struct rlimit limit = {64 << 20, 64 << 20};
    try("200 MB", 200 << 20);
    say("setrlimit", setrlimit(RLIMIT_AS, &limit));
    try("10 MB", 10 << 20);
    try("70 MB", 70 << 20);
    check("malloc of 70 MB", malloc(70 << 20) == NULL && errno == ENOMEM);
    check("sbrk of 70 MB", sbrk(70 << 20) == (void *)-1 && errno == ENOMEM);
    char *map = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check("mremap to 70 MB", mremap(map, 1 << 20, 70 << 20, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM);
    pid_t pid = fork();
    if (pid == 0) {
        try("70 MB for a child", 70 << 20);
        return 0;
    }
    reap("child", pid);
    return 0;
}
