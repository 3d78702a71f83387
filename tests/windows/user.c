/* A program that takes functions from a library: by name, by number, and one that the library has from another. Before it
   starts a callback finds its thread-local storage.
   Exit status: 42 when all is right. */
#include <windows.h>
#include <intrin.h>

__declspec(dllimport) int add(int, int);
__declspec(dllimport) int hidden(void);
/* It does not come back, so that it does not matter who clears the stack. */
__declspec(dllimport) long Terminate(HANDLE, long);

static int called;
static char before[] = "\7";
ULONG _tls_index = 99;

static char *storage(void)
{
#ifdef _WIN64
    return ((char **)__readgsqword(0x58))[_tls_index];
#else
    return ((char **)__readfsdword(0x2c))[_tls_index];
#endif
}

static void NTAPI callback(void *base, DWORD reason, void *reserved)
{
    if (base && reason == DLL_PROCESS_ATTACH && !reserved)
        called += storage()[0];
}

static PIMAGE_TLS_CALLBACK callbacks[] = { callback, 0 };
const IMAGE_TLS_DIRECTORY _tls_used = {
    (ULONG_PTR)before, (ULONG_PTR)before + 1, (ULONG_PTR)&_tls_index, (ULONG_PTR)callbacks, 16, 0,
};

void start(void)
{
    Terminate((HANDLE)-1, add(10, 20) + hidden() + called);
}
