# breakpoint: int3, which nobody handles.
# [winnt.h: EXCEPTION_BREAKPOINT at the instruction]
# Exit status: 3, the low bits of STATUS_BREAKPOINT
        .include "calls.inc"
        .globl  start
start:  int3
        hlt
