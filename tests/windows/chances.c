/* A thread of its own, and exceptions that a handler sees first: two of the CPU's, one that the program raises. */

#include <stdio.h>
#include <windows.h>

static DWORD WINAPI own(void *argument)
{
    printf("thread %d\n", *(int *)argument);
    return 5;
}

static volatile int zero;

/* Goes on behind the instruction that could not be done; both have their lengths written beside them. */
static LONG WINAPI first(EXCEPTION_POINTERS *told)
{
    printf("exception %lx\n", told->ExceptionRecord->ExceptionCode);
    if (told->ExceptionRecord->ExceptionCode == 0xe0000001)
        return EXCEPTION_CONTINUE_EXECUTION;
#ifdef _WIN64
    told->ContextRecord->Rip += 2;
#else
    told->ContextRecord->Eip += 2;
#endif
    return EXCEPTION_CONTINUE_EXECUTION;
}

int main(void)
{
    int number = 3;
    DWORD code = 0;
    HANDLE thread = CreateThread(NULL, 0, own, &number, 0, NULL);
    if (!thread)
        return 1;
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    printf("thread ended with %lu\n", code);
    AddVectoredExceptionHandler(1, first);
    /* mov (%eax),%eax: 2 bytes */
    __asm__ volatile(".byte 0x8b, 0x00" : : "a"(16) : "memory");
    /* div %ecx: 2 bytes */
    __asm__ volatile(".byte 0xf7, 0xf1" : : "a"(1), "d"(0), "c"(zero) : "memory");
    RaiseException(0xe0000001, 0, 0, NULL);
    return 9;
}
