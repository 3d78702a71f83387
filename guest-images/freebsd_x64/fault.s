# fault: memory that is not there is a signal.
# Ends by: SIGSEGV
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, [0x10]
