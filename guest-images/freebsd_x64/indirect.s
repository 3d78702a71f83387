# indirect: `syscall` and `__syscall` make the call whose number is their first argument; the others move up by one.
#   syscall(SYS_write, 1, "syscall\n", 8)      = 8
#   __syscall(SYS_write, 1, "__syscall\n", 10) = 10
# [FreeBSD syscall(2)]
# Prints: syscall
#         __syscall
# Exit status: 0
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 0                  # syscall
        mov     edi, 4                  # write
        mov     esi, 1
        mov     edx, offset one
        mov     r10d, 8
        syscall
        mov     eax, 198                # __syscall
        mov     edi, 4
        mov     esi, 1
        mov     edx, offset two
        mov     r10d, 10
        syscall
        mov     eax, 198                # __syscall
        mov     edi, 1                  # exit
        mov     esi, 0
        syscall
one:    .ascii  "syscall\n"
two:    .ascii  "__syscall\n"
