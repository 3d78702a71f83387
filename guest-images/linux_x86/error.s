# error: a failing call answers with its errno, negative, in eax.
#   openat(AT_FDCWD, "/nonexistent", O_RDONLY) = -ENOENT
# [man 2 syscall, "Architecture calling conventions"; man 2 open]
# Exit status: 0, or 1 when the result is another
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 295                # openat
        mov     ebx, -100               # AT_FDCWD
        mov     ecx, offset path
        mov     edx, 0
        int     0x80
        xor     ebx, ebx
        cmp     eax, -2                 # ENOENT
        setne   bl
        mov     eax, 1                  # exit
        int     0x80
path:   .asciz  "/nonexistent"
