/* Start to end: loading, the C library's start, one line. */
#include <stdio.h>

int main(void)
{
    puts("hello");
    return 0;
}
