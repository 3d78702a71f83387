// `int 2d`, by which programs ask whether a debugger of the kernel is there: a breakpoint without one.
#include <stdio.h>
#include <windows.h>

#ifdef _WIN64
#define PC(context) (context)->Rip
#else
#define PC(context) (context)->Eip
#endif

extern char at[] __asm__("at"), behind[] __asm__("behind");
static DWORD code;
static int offset;

static LONG CALLBACK handler(EXCEPTION_POINTERS *what)
{
    code = what->ExceptionRecord->ExceptionCode;
    offset = (char *)what->ExceptionRecord->ExceptionAddress - at;
    PC(what->ContextRecord) = (UINT_PTR)behind;
    return EXCEPTION_CONTINUE_EXECUTION;
}

int main(void)
{
    AddVectoredExceptionHandler(1, handler);
    __asm__ volatile("at: int $0x2d\n\tnop\n\tnop\n\tbehind: nop" ::"a"(1) : "memory");
    printf("code %lx, %d behind it\n", code, offset);
    return 0;
}
