# int80_args6: six arguments of a 32-bit call from 64-bit code, the sixth in ebp; mmap2 and a 64-bit offset in two halves.
#   mmap2(0x11112000, 0x2222, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 0x55, 0x66) = -EBADF
#   pread64(0x77, 0x400000, 0x3333, 0x1122334455667788)                               = -EBADF
# [Linux arch/x86/entry/syscalls/syscall_32.tbl, ia32 entry points]
# Exit status: 0, or the number of the first call above that went otherwise. qemu-user: 139, see int80.
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 192                # mmap2
        mov     ebx, 0x11112000
        mov     ecx, 0x2222
        mov     edx, 5
        mov     esi, 0x12
        mov     edi, 0x55
        mov     ebp, 0x66
        int     0x80
        mov     ebx, 1
        cmp     rax, -9                 # EBADF
        jne     end

        mov     eax, 180                # pread64
        mov     ebx, 0x77
        mov     ecx, 0x400000
        mov     edx, 0x3333
        mov     esi, 0x55667788
        mov     edi, 0x11223344
        int     0x80
        mov     ebx, 2
        cmp     rax, -9                 # EBADF
        jne     end
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        int     0x80
