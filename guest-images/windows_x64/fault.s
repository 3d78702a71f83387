# fault: a store through a null pointer that nobody handles ends the process.
# [winnt.h: an access violation tells 1 for a write, and the address]
# Exit status: 5, the low bits of STATUS_ACCESS_VIOLATION
        .include "calls.inc"
        .globl  start
start:  xor     eax, eax
        mov     dword ptr [rax], 1
        hlt
