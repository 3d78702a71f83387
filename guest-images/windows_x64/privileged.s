# privileged: an instruction of the kernel's, which nobody handles.
# [winnt.h: EXCEPTION_PRIV_INSTRUCTION]
# Exit status: 150, the low bits of STATUS_PRIVILEGED_INSTRUCTION
        .include "calls.inc"
        .globl  start
start:  hlt
