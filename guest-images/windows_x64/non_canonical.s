# non_canonical: a load from an address that no page table could map.
# [winnt.h: of a general protection fault an access violation tells a read and the address -1]
# Exit status: 5, the low bits of STATUS_ACCESS_VIOLATION
        .include "calls.inc"
        .globl  start
start:  movabs  rax, 0x8000000000000000
        mov     rax, [rax]
        hlt
