/* What a loader does: callbacks of thread-local storage, libraries loaded late and by name, functions by number and by
   forwarders, names of API sets, resources' place. */
#include <stdio.h>
#include <windows.h>

static __thread int mine = 5;

static void NTAPI callback(void *base, DWORD reason, void *reserved)
{
    if (reason == DLL_PROCESS_ATTACH)
        puts("callback: process");
    if (reason == DLL_THREAD_ATTACH)
        puts("callback: thread");
    if (reason == DLL_THREAD_DETACH)
        puts("callback: thread ends");
    fflush(stdout);
}

__attribute__((section(".CRT$XLM"), used)) static PIMAGE_TLS_CALLBACK own = callback;

static DWORD WINAPI thread(void *argument)
{
    mine++;
    printf("thread: %d\n", mine);
    fflush(stdout);
    return 0;
}

/* Imported late: its library is loaded by the first call. The linker makes no such imports that work for 32 bits. */
#ifdef _WIN64
__declspec(dllimport) int add(int, int);
#else
static int add(int a, int b)
{
    int (*function)(int, int) = (void *)GetProcAddress(LoadLibraryA("late.dll"), "add");
    return function(a, b);
}
#endif

int main(void)
{
    HMODULE kernel = GetModuleHandleA("kernel32.dll"), late, set;
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    int (*hidden)(void);
    HANDLE other;
    char path[MAX_PATH];

    setvbuf(stdout, 0, _IONBF, 0);
    mine += 2;
    other = CreateThread(0, 0, thread, 0, 0, 0);
    WaitForSingleObject(other, INFINITE);
    printf("main: %d\n", mine);

    printf("late: %d\n", GetModuleHandleA("late.dll") != 0);
    printf("sum: %d\n", add(20, 3));
    late = GetModuleHandleA("late.dll");
    printf("late: %d\n", late != 0);
    hidden = (void *)GetProcAddress(late, (char *)7);
    printf("number 7: %d\n", hidden ? hidden() : -1);
    printf("no number 70: %d %lu\n", GetProcAddress(late, (char *)70) == 0, GetLastError());
    printf("forwarder: %d\n", GetProcAddress(kernel, "HeapAlloc") == GetProcAddress(ntdll, "RtlAllocateHeap"));
    set = LoadLibraryA("api-ms-win-core-file-l1-1-0.dll");
    printf("set: %d\n", set && GetProcAddress(set, "CreateFileW") != 0);
    printf("same: %d\n", LoadLibraryA("KERNEL32") == kernel);
    printf("none: %d %lu\n", LoadLibraryA("none.dll") == 0, GetLastError());
    GetModuleFileNameA(0, path, sizeof path);
    printf("own name: %s\n", strrchr(path, '\\') + 1);
    GetSystemDirectoryA(path, sizeof path);
    printf("system: %s\n", path);
    printf("free: %d\n", FreeLibrary(LoadLibraryA("late.dll")));
    return 0;
}
