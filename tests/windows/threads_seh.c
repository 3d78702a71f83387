/* Exceptions of Windows: handlers of all, of frames, and of what nobody handles; guard pages, the stack's end, single steps,
   breakpoints, divisions; jumps over frames. */

#include <excpt.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdio.h>
#include <windows.h>

#ifdef _WIN64
#define PC Rip
#define SP Rsp
#define CX Rcx
#else
#define PC Eip
#define SP Esp
#define CX Ecx
#endif

static jmp_buf back;
static volatile int zero;
static int steps, quiet;
static char *guarded;

static LONG WINAPI all(EXCEPTION_POINTERS *told)
{
    EXCEPTION_RECORD *record = told->ExceptionRecord;
    if (quiet)
        return EXCEPTION_CONTINUE_SEARCH;
    switch (record->ExceptionCode) {
    case EXCEPTION_SINGLE_STEP:
        if (++steps < 3)
            told->ContextRecord->EFlags |= 0x100;
        return EXCEPTION_CONTINUE_EXECUTION;
    case EXCEPTION_BREAKPOINT:
        printf("breakpoint: at it %d\n", *(unsigned char *)told->ContextRecord->PC == 0xcc);
        told->ContextRecord->PC += 1;
        return EXCEPTION_CONTINUE_EXECUTION;
    case EXCEPTION_INT_DIVIDE_BY_ZERO:
        printf("division\n");
        told->ContextRecord->CX = 5;
        return EXCEPTION_CONTINUE_EXECUTION;
    case EXCEPTION_GUARD_PAGE:
        printf("guard page: %d, %d\n", (int)record->ExceptionInformation[0],
               (int)((char *)record->ExceptionInformation[1] - guarded));
        return EXCEPTION_CONTINUE_EXECUTION;
    case 0xe0000002:
        /* An exception while one is handled. */
        printf("outer\n");
        RaiseException(0xe0000003, 0, 0, NULL);
        printf("outer again\n");
        return EXCEPTION_CONTINUE_EXECUTION;
    case 0xe0000003:
        printf("inner %lu %lu\n", record->ExceptionFlags, record->NumberParameters);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

#ifdef _WIN64
long CALLBACK filter(EXCEPTION_POINTERS *told, void *frame)
{
    printf("frame handler %lx\n", told->ExceptionRecord->ExceptionCode);
    return EXCEPTION_EXECUTE_HANDLER;
}

static __attribute__((noinline)) int framed(int *at)
{
    __try1(filter);
    *(volatile int *)at = 1;
    __except1;
    return 3;
}
#else
static EXCEPTION_DISPOSITION frame_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher)
{
    if (record->ExceptionFlags & 6)
        return ExceptionContinueSearch;
    printf("frame handler %lx\n", record->ExceptionCode);
    context->Eip += 6;
    return ExceptionContinueExecution;
}

static __attribute__((noinline)) int framed(int *at)
{
    __try1(frame_handler);
    /* movl $1,(%eax): 6 bytes */
    __asm__ volatile(".byte 0xc7, 0x00, 1, 0, 0, 0" : : "a"(at) : "memory");
    __except1;
    return 3;
}
#endif

static volatile int depth;

static int recurse(int left)
{
    volatile char room[4000];
    room[0] = (char)left;
    depth++;
    return recurse(left + 1) + room[0];
}

static LONG WINAPI overflow(EXCEPTION_POINTERS *told)
{
    if (told->ExceptionRecord->ExceptionCode == EXCEPTION_STACK_OVERFLOW)
        ExitThread(11);
    return EXCEPTION_CONTINUE_SEARCH;
}

static DWORD WINAPI overflows(void *argument)
{
    AddVectoredExceptionHandler(1, overflow);
    return recurse(0);
}

static void jumps(void)
{
    longjmp(back, 4);
}

static LONG WINAPI last(EXCEPTION_POINTERS *told)
{
    printf("nobody handles %lx\n", told->ExceptionRecord->ExceptionCode);
    fflush(stdout);
    ExitProcess(21);
}

int main(void)
{
    volatile int eight = 8;
    int quotient, jumped;
    HANDLE thread;
    DWORD code, old;
    void *handler;

    handler = AddVectoredExceptionHandler(1, all);
    __asm__ volatile("xorl %%edx,%%edx; divl %%ecx" : "=a"(quotient) : "a"(40), "c"(zero) : "edx");
    printf("quotient %d\n", quotient);
    __asm__ volatile("int3");
    __asm__ volatile("pushf; orl $0x100,(%%" 
#ifdef _WIN64
                     "rsp"
#else
                     "esp"
#endif
                     "); popf; nop; nop; nop; nop; nop" : : : "memory", "cc");
    printf("%d steps\n", steps);
    guarded = VirtualAlloc(NULL, 0x2000, MEM_COMMIT, PAGE_READWRITE);
    VirtualProtect(guarded, 0x2000, PAGE_READWRITE | PAGE_GUARD, &old);
    guarded[5] = 1;
    guarded[6] = 1;
    (void)*(volatile char *)(guarded + 0x1007);
    RaiseException(0xe0000002, 0, 0, NULL);
    printf("framed: %d\n", framed((int *)16));
    jumped = setjmp(back);
    printf("jumped %d\n", jumped);
    if (jumped == 0)
        jumps();
    /* The stack grows by itself as far as it is long. */
    char *volatile room = alloca(300000);
    for (int i = 299999; i >= 0; i -= 1000)
        room[i] = 1;
    printf("room %d\n", room[299999 - 1000]);
    quiet = 1;
    thread = CreateThread(NULL, 0, overflows, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    printf("overflow %lu: %d\n", code, depth > 100);
    RemoveVectoredExceptionHandler(handler);
    SetUnhandledExceptionFilter(last);
    printf("%d\n", eight / zero);
    return 1;
}
