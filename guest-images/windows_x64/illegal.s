# illegal: an undefined instruction, which nobody handles.
# [winnt.h: EXCEPTION_ILLEGAL_INSTRUCTION]
# Exit status: 29, the low bits of STATUS_ILLEGAL_INSTRUCTION
        .include "calls.inc"
        .globl  start
start:  ud2
