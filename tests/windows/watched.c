/* Instructions and bytes that the debug registers have watched, as hooks and debuggers do it. */
#include <stdio.h>
#include <windows.h>

#ifdef _WIN64
#define PC Rip
#else
#define PC Eip
#endif

static volatile LONG cell[4];
static int told, mode;
static DWORD_PTR last;
static DWORD status;

__attribute__((noinline)) int function(int n)
{
    asm volatile("");
    return n + 1;
}

static LONG CALLBACK handler(EXCEPTION_POINTERS *info)
{
    CONTEXT *context = info->ContextRecord;

    if (info->ExceptionRecord->ExceptionCode != EXCEPTION_SINGLE_STEP)
        return EXCEPTION_CONTINUE_SEARCH;
    told++;
    last = (DWORD_PTR)info->ExceptionRecord->ExceptionAddress;
    status = context->Dr6;
    if (last != context->PC || !(context->ContextFlags & CONTEXT_DEBUG_REGISTERS & 0x1f))
        printf("wrong\n");
    if (mode == 0)
        context->EFlags |= 0x10000;
    if (mode == 1)
        context->Dr7 = 0;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void watch(HANDLE thread, void *at, DWORD control)
{
    CONTEXT context = { .ContextFlags = CONTEXT_DEBUG_REGISTERS };

    context.Dr1 = (DWORD_PTR)at;
    context.Dr7 = control;
    if (!SetThreadContext(thread, &context))
        printf("error %lu\n", GetLastError());
}

static void show(const char *name, HANDLE thread, void *at)
{
    CONTEXT context = { .ContextFlags = CONTEXT_DEBUG_REGISTERS };

    GetThreadContext(thread, &context);
    printf("%s: %d %lx\n", name, !at || (void *)context.Dr1 == at, (DWORD)context.Dr7);
}

static DWORD CALLBACK other(void *argument)
{
    show("other", GetCurrentThread(), 0);
    return function(20);
}

int main(void)
{
    HANDLE thread;
    DWORD code;
    int got;

    AddVectoredExceptionHandler(1, handler);
    watch(GetCurrentThread(), function, 1 << 2);
    show("set", GetCurrentThread(), function);
    got = function(1);
    got = 10 * got + function(2);
    printf("returned %d, told %d of %d, status %lx\n", got, told, last == (DWORD_PTR)function, status & 0xf);

    /* Threads have their own. */
    thread = CreateThread(0, 0, other, 0, CREATE_SUSPENDED, 0);
    ResumeThread(thread);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    printf("told %d, %lu\n", told, code);
    thread = CreateThread(0, 0, other, 0, CREATE_SUSPENDED, 0);
    watch(thread, function, 1 << 2);
    show("suspended", thread, function);
    ResumeThread(thread);
    WaitForSingleObject(thread, INFINITE);
    printf("told %d\n", told);

    /* The handler ends it. */
    mode = 1;
    got = function(3);
    got = 10 * got + function(4);
    printf("returned %d, told %d\n", got, told);
    show("ended", GetCurrentThread(), 0);

    /* Writes of four bytes, then reads, too. */
    mode = 2;
    told = 0;
    watch(GetCurrentThread(), (void *)&cell[1], 1 << 2 | 0xd << 20);
    cell[0] = 1;
    cell[1] = 2;
    cell[2] = cell[1];
    *(volatile char *)((char *)&cell[1] + 3) = 1;
    printf("written: told %d, status %lx, %lx\n", told, status & 0xf, cell[1]);
    told = 0;
    watch(GetCurrentThread(), (void *)&cell[1], 1 << 2 | 0xf << 20);
    cell[3] = cell[1];
    cell[1] = 5;
    printf("accessed: told %d\n", told);
    watch(GetCurrentThread(), 0, 0);
    told = 0;
    cell[1] = 6;
    printf("not watched: told %d\n", told);

    /* The trap flag. */
    asm volatile("pushf\n orl $0x100, (%%" 
#ifdef _WIN64
                 "rsp"
#else
                 "esp"
#endif
                 ")\n popf\n nop" ::: "memory", "cc");
    printf("step: told %d\n", told);
    return 0;
}
