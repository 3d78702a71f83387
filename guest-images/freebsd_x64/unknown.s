# unknown: a number without a call is an error and a signal.
# [FreeBSD sys/kern/kern_sig.c, nosys]
# Ends by: SIGSYS
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 0x7000
        mov     edi, 1
        mov     esi, 2
        syscall
        mov     eax, 1                  # exit
        mov     edi, 0
        syscall
