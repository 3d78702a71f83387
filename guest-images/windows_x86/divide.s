# divide: a division by zero, which nobody handles.
# [winnt.h: EXCEPTION_INT_DIVIDE_BY_ZERO]
# Exit status: 148, the low bits of STATUS_INTEGER_DIVIDE_BY_ZERO
        .include "calls.inc"
        .globl  start
start:  xor     edx, edx
        xor     ecx, ecx
        mov     eax, 1
        div     ecx
        hlt
