#include <windows.h>

long NTAPI NtClose(HANDLE);
long NTAPI NtTerminateProcess(HANDLE, long);

__attribute__((noinline)) void g(int x)
{
    volatile int room[50];
    room[x] = NtClose((HANDLE)(size_t)x);
}

__attribute__((noinline)) void f(void)
{
    g(7);
    asm("");
}

void start(void)
{
    f();
    NtTerminateProcess((HANDLE)-1, 3);
}
