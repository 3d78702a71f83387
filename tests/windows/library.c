/* A library: exports by name and by number, one that leads to ntdll.dll, an entry point. */
#include <windows.h>

static int attached;
/* An address, so that the library has something to relocate. */
static int *where = &attached;

int WINAPI entry(HINSTANCE base, DWORD reason, void *reserved)
{
    *where = base && reserved && reason == DLL_PROCESS_ATTACH;
    return attached;
}

int add(int a, int b)
{
    return attached ? a + b : -1;
}

int hidden(void)
{
    return 5;
}
