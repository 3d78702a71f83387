# error: a failing call answers with its errno, negative, in rax.
#   openat(AT_FDCWD, "/nonexistent", O_RDONLY) = -ENOENT
# [System V psABI AMD64, A.2.1: -4095 to -1 is an error; man 2 open]
# Exit status: 0, or 1 when the result is another
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 257                # openat
        mov     edi, -100               # AT_FDCWD, an int: the upper half of rdi is zero
        mov     esi, offset path
        mov     edx, 0
        syscall
        xor     edi, edi
        cmp     rax, -2                 # ENOENT
        setne   dil
        mov     eax, 60                 # exit
        syscall
path:   .asciz  "/nonexistent"
