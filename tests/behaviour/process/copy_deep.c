/* fork(2): copies of copies: every generation changes its own page and leaves the others'. */
#include "../tasks.h"
#include <sys/mman.h>

int main(void)
{
    enum { pages = 8 };
    long page = sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(map, '.', pages * page);
    int depth = 0;
    pid_t pid = 0;
    while (depth < pages) {
        map[depth * page] = 'a' + depth;
        pid = fork();
        if (pid)
            break;
        depth++;
    }
    if (pid)
        waitpid(pid, NULL, 0);
    char line[pages + 2];
    for (int i = 0; i < pages; i++)
        line[i] = map[i * page];
    line[pages] = '\n';
    line[pages + 1] = 0;
    fputs(line, stdout);
    map[0] = '!';
    return 0;
}
