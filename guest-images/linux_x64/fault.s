# fault: a store through a null pointer ends the program by SIGSEGV.
# [man 7 signal]
# Exit status: 139, that is 128 + SIGSEGV
        .intel_syntax noprefix
        .globl  _start
_start: mov     dword ptr ds:0, 1
        mov     eax, 60                 # exit
        mov     edi, 1
        syscall
