/* sbrk(2): the break moves up and down; new memory is zero. */
#include "../say.h"

int main(void)
{
    char *start = sbrk(0);
    check("there is one", start != (void *)-1);
    check("grown", sbrk(5 * 4096) == start && sbrk(0) == start + 5 * 4096);
    int sum = 0;
    for (int i = 0; i < 5 * 4096; i++)
        sum |= start[i];
    say("zero", sum);
    memset(start, 7, 5 * 4096);
    check("shrunk", sbrk(-4 * 4096) == start + 5 * 4096);
    say("the rest is kept", start[4095]);
    check("grown again", sbrk(4 * 4096) != (void *)-1);
    say("and zero again", start[3 * 4096]);
    check("not to nowhere", brk((void *)1) == 0 || errno == ENOMEM);
    check("the break is where it was", sbrk(0) == start + 5 * 4096);
    return 0;
}
