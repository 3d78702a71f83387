/* Threads are suspended, looked into, led elsewhere and ended; what each has of its own; fibers. */

#include <stdio.h>
#include <windows.h>

static volatile LONG spins, stops;
static __thread int own = 5;
static DWORD cell, local;
static void *first, *second;

static DWORD WINAPI spinner(void *argument)
{
    while (!stops) {
        spins++;
        Sleep(1);
    }
    return 1;
}

static DWORD WINAPI stayer(void *argument)
{
    SuspendThread(GetCurrentThread());
    return 12;
}

static void elsewhere(void)
{
    ExitThread(42);
}

static DWORD WINAPI keeper(void *argument)
{
    own += (int)(ULONG_PTR)argument;
    TlsSetValue(cell, (void *)(ULONG_PTR)own);
    Sleep(2);
    return (DWORD)(ULONG_PTR)TlsGetValue(cell) * 100 + own;
}

static void WINAPI freed(void *value)
{
    printf("freed %d\n", (int)(ULONG_PTR)value);
}

static DWORD WINAPI fls(void *argument)
{
    FlsSetValue(local, (void *)9);
    return 0;
}

static void WINAPI fiber(void *argument)
{
    for (int i = 0; i < 3; i++) {
        printf("fiber %d of %s\n", i, (char *)argument);
        SwitchToFiber(first);
    }
    SwitchToFiber(first);
}

int main(void)
{
    HANDLE thread, same, threads[3];
    FILETIME times[4];
    HRESULT (WINAPI *set_name)(HANDLE, const WCHAR *), (WINAPI *get_name)(HANDLE, WCHAR **);
    WCHAR *name = NULL;
    DWORD code, id;
    LONG before;
    static CONTEXT context;

    thread = CreateThread(NULL, 0, spinner, NULL, CREATE_SUSPENDED, &id);
    Sleep(5);
    printf("suspended: %ld", spins);
    printf(" %lu", ResumeThread(thread));
    printf(" %lu\n", ResumeThread(thread));
    Sleep(20);
    printf("runs: %d", spins > 0);
    printf(" %lu", SuspendThread(thread));
    printf(" %lu", SuspendThread(thread));
    before = spins;
    Sleep(20);
    printf(" %d", spins == before);
    same = OpenThread(THREAD_ALL_ACCESS, FALSE, id);
    printf(" %d", GetThreadId(same) == id);
    printf(" %lu", ResumeThread(same));
    printf(" %lu\n", ResumeThread(same));
    Sleep(20);
    printf("goes on: %d", spins > before);
    GetExitCodeThread(thread, &code);
    printf(" %lu", code);
    SuspendThread(thread);
    Sleep(5);
    context.ContextFlags = CONTEXT_FULL;
    printf(" %d\n", GetThreadContext(thread, &context));
#ifdef _WIN64
    context.Rsp = ((context.Rsp - 0x1000) & ~(DWORD64)15) - 8;
    context.Rip = (DWORD64)(ULONG_PTR)elsewhere;
#else
    context.Esp = ((context.Esp - 0x1000) & ~15) - 4;
    context.Eip = (DWORD)(ULONG_PTR)elsewhere;
#endif
    printf("led elsewhere: %d", SetThreadContext(thread, &context));
    ResumeThread(thread);
    printf(" %lu", WaitForSingleObject(thread, 1000));
    GetExitCodeThread(thread, &code);
    printf(" %lu\n", code);
    thread = CreateThread(NULL, 0, spinner, NULL, 0, &id);
    Sleep(5);
    printf("ended: %d", TerminateThread(thread, 7));
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    printf(" %lu", code);
    printf(" %d", GetThreadTimes(thread, &times[0], &times[1], &times[2], &times[3]));
    printf(" %d\n", CompareFileTime(&times[0], &times[1]) < 0);
    printf("no thread: %d", OpenThread(THREAD_ALL_ACCESS, FALSE, 3) != NULL);
    printf(" %lu\n", GetLastError());

    thread = CreateThread(NULL, 0, stayer, NULL, 0, NULL);
    printf("stays: %lu", WaitForSingleObject(thread, 20));
    printf(" %lu", ResumeThread(thread));
    printf(" %lu", WaitForSingleObject(thread, 1000));
    GetExitCodeThread(thread, &code);
    printf(" %lu\n", code);

    printf("priority: %d", SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_ABOVE_NORMAL));
    printf(" %d", SetThreadPriorityBoost(GetCurrentThread(), TRUE));
    HMODULE kernel = GetModuleHandleW(L"kernelbase.dll");
    set_name = (void *)GetProcAddress(kernel, "SetThreadDescription");
    get_name = (void *)GetProcAddress(kernel, "GetThreadDescription");
    printf(" %lx", set_name(GetCurrentThread(), L"the first"));
    printf(" %lx", get_name(GetCurrentThread(), &name));
    printf(" %ls\n", name);
    LocalFree(name);

    cell = TlsAlloc();
    local = FlsAlloc(freed);
    for (int i = 0; i < 3; i++)
        threads[i] = CreateThread(NULL, 0, keeper, (void *)(ULONG_PTR)i, 0, NULL);
    WaitForMultipleObjects(3, threads, TRUE, INFINITE);
    for (int i = 0; i < 3; i++) {
        GetExitCodeThread(threads[i], &code);
        printf("%lu ", code);
    }
    printf("%d %d\n", own, TlsGetValue(cell) == NULL);
    TlsSetValue(cell, (void *)3);
    TlsFree(cell);
    cell = TlsAlloc();
    printf("cleared: %d\n", TlsGetValue(cell) == NULL);
    thread = CreateThread(NULL, 0, fls, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);

    /* Stacks go with their threads: all of them together would be too much for 32 bits. */
    code = 0;
    for (int i = 0; i < 300; i++) {
        thread = CreateThread(NULL, 16 << 20, keeper, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
        code += WaitForSingleObject(thread, INFINITE) == 0;
        CloseHandle(thread);
    }
    printf("many: %lu\n", code);

    first = ConvertThreadToFiber("main");
    second = CreateFiber(0, fiber, "two");
    for (int i = 0; i < 3; i++) {
        SwitchToFiber(second);
        printf("back %d %d\n", i, GetCurrentFiber() == first);
    }
    DeleteFiber(second);
    ConvertFiberToThread();
    return 0;
}
