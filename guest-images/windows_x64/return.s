# return: what the entry point returns is the status of the process. It gets the process's block as its argument.
# [kernel32!BaseThreadInitThunk; PEB at gs:0x60]
# Exit status: 7, or 1 when the argument is another, or 2 when the stack is not aligned
        .include "calls.inc"
        .globl  start
start:  mov     eax, 1
        cmp     rcx, gs:[0x60]
        jne     1f
        mov     eax, 2
        lea     rdx, [rsp+8]
        test    dl, 15
        jnz     1f
        mov     eax, 7
1:      ret
