/* exit(3), atexit(3): handlers run in reverse order, streams are flushed after them; the status is the low byte. */
#include "../say.h"

static void first(void)
{
    printf(" first");
}

static void second(void)
{
    atexit(first);
    printf(" second");
}

__attribute__((destructor)) static void last(void)
{
    printf(" last\n");
}

int main(void)
{
    atexit(first);
    atexit(second);
    atexit(first);
    printf("leaving");
    exit(0x1203);
}
