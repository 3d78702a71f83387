# args6: all six arguments, each of another value.
#   mmap(0x11112000, 0x2222, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 0x55, 0x66000) = -EBADF
# [System V psABI AMD64, A.2.1: the fourth argument is in r10, not rcx. man 2 mmap]
# Exit status: 0, or 1 when the result is another
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 9                  # mmap
        mov     edi, 0x11112000
        mov     esi, 0x2222
        mov     edx, 5
        mov     r10d, 0x12
        mov     r8d, 0x55
        mov     r9d, 0x66000
        syscall
        xor     edi, edi
        cmp     rax, -9                 # EBADF: nothing has descriptor 0x55
        setne   dil
        mov     eax, 60                 # exit
        syscall
