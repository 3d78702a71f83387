# int80: `int 0x80` in 64-bit code enters the 32-bit table: i386 numbers, the low halves of i386's registers.
#   write(1, ...) is 4, openat(AT_FDCWD, "/nonexistent", 0) is 295, getpid is 20, exit is 1
# The result fills all of rax; calls by `syscall` go on beside it.
# [Linux arch/x86/entry/common.c: do_int80_emulation; arch/x86/entry/syscalls/syscall_32.tbl]
# Prints: int80
# Exit status: 0, or the number of the first call above that went otherwise.
# qemu-user has no 32-bit table in 64-bit code: 139.
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 4                  # write
        movabs  rbx, 0xdeadbeef00000001
        mov     ecx, offset text
        movabs  rdx, 0xdeadbeef00000006
        int     0x80
        mov     ebx, 1
        cmp     rax, 6
        jne     end

        mov     eax, 295                # openat
        mov     ebx, -100
        mov     ecx, offset path
        mov     edx, 0
        int     0x80
        mov     ebx, 2
        cmp     rax, -2                 # ENOENT
        jne     end

        mov     eax, 20                 # getpid
        int     0x80
        mov     r12, rax
        mov     eax, 39                 # getpid
        syscall
        mov     ebx, 3
        cmp     rax, r12
        jne     end
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        int     0x80
text:   .ascii  "int80\n"
path:   .asciz  "/nonexistent"
