/* A library that is loaded late: a function by name, and one by number. */
#include <windows.h>

BOOL WINAPI entry(HINSTANCE base, DWORD reason, void *reserved)
{
    return TRUE;
}

int add(int a, int b)
{
    return a + b;
}

int hidden(void)
{
    return 5;
}
