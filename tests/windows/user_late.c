/* A program that would find functions of a library at its first use of each: its table of late imports is written by hand, behind
   a mark, as GNU's linker does not tell where that is. Exit status: 42 when the functions are there from the start; else their
   helper raises an exception that nobody handles. */
#include <windows.h>

extern void *handle __asm__("late_handle");
extern int (*add)(int, int) __asm__("late_add");
extern int (*hidden)(void) __asm__("late_hidden");
extern long (*terminate)(HANDLE, long) __asm__("late_terminate");

void helper(void) __asm__("late_helper");

void helper(void)
{
    __builtin_trap();
}

#ifdef _WIN64
#define WORD ".quad "
#define BY_NUMBER ".quad 0x8000000000000007\n"
#define HIGH ".long 0\n"
#else
#define WORD ".long "
#define BY_NUMBER ".long 0x80000007\n"
#define HIGH ""
#endif

__asm__(".data\n.balign 16\n"
        ".ascii \"late imports....\"\n"
        ".long 1\n.rva late_name\n.rva late_handle\n.rva late_add\n.rva late_lookup\n.long 0, 0, 0\n"
        ".fill 8, 4, 0\n"
        "late_handle: " WORD "0\n"
        "late_add: " WORD "late_helper\n"
        "late_hidden: " WORD "late_helper\n"
        "late_terminate: " WORD "late_helper\n" WORD "0\n"
        "late_lookup: .rva late_first\n" HIGH BY_NUMBER ".rva late_third\n" HIGH WORD "0\n"
        "late_name: .asciz \"library.dll\"\n"
        ".balign 2\nlate_first: .short 0\n.asciz \"add\"\n"
        ".balign 2\nlate_third: .short 0\n.asciz \"Terminate\"\n.balign 16\n.text\n");

void start(void)
{
    terminate((HANDLE)-1, add(10, 20) + hidden() + (handle ? 7 : 0));
}
