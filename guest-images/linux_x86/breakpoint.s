# breakpoint: a breakpoint with no debugger ends the program by SIGTRAP.
# [Intel SDM 3A, interrupt 3; man 7 signal]
# Exit status: 133, that is 128 + SIGTRAP
        .intel_syntax noprefix
        .globl  _start
_start: int3
        mov     eax, 1                  # exit
        mov     ebx, 1
        int     0x80
