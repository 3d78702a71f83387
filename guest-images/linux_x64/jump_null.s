# jump_null: a jump to an address where nothing is mapped ends the program by SIGSEGV.
# [man 7 signal]
# Exit status: 139, that is 128 + SIGSEGV
        .intel_syntax noprefix
        .globl  _start
_start: xor     eax, eax
        jmp     rax
