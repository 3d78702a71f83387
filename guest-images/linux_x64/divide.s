# divide: an integer division by zero ends the program by SIGFPE.
# [Intel SDM 3A, interrupt 0; man 7 signal]
# Exit status: 136, that is 128 + SIGFPE
        .intel_syntax noprefix
        .globl  _start
_start: xor     ecx, ecx
        div     ecx
        mov     eax, 60                 # exit
        mov     edi, 1
        syscall
