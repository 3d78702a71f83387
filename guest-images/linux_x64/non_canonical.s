# non_canonical: a load from a non-canonical address is a general protection fault, not a page fault: SIGSEGV all the same.
# [Intel SDM 1, 3.3.7.1; man 7 signal]
# Exit status: 139, that is 128 + SIGSEGV
        .intel_syntax noprefix
        .globl  _start
_start: movabs  rbx, 0x1122334455667788
        mov     eax, [rbx]
        mov     eax, 60                 # exit
        mov     edi, 1
        syscall
