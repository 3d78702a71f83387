# pair64: a 64-bit argument takes one register.
#   pread64(0x77, sp, 0x3333, 0x1122334455667788)                    = -EBADF
#   ftruncate(0x77, 0x1122334455667788)                              = -EBADF
#   fallocate(0x77, 1, 0x1122334455667788, 0x0102030405060708)       = -EBADF
#   fadvise64(0x77, 0x1122334455667788, 0x0102030405060708, 4)       = -EBADF
#   pread64(/proc/self/exe, sp, 4, 1)           = 4, the rest of "\177ELF" and the class
#   pread64(/proc/self/exe, sp, 4, 0x100000001) = 0, past the end
# [System V psABI AMD64, A.2.1]
# Exit status: 0, or the number of the first call above that went otherwise
        .intel_syntax noprefix
        .globl  _start
_start: sub     rsp, 0x4000
        mov     eax, 17                 # pread64
        mov     edi, 0x77
        mov     rsi, rsp
        mov     edx, 0x3333
        movabs  r10, 0x1122334455667788
        syscall
        mov     edi, 1
        cmp     rax, -9                 # EBADF
        jne     end

        mov     eax, 77                 # ftruncate
        mov     edi, 0x77
        movabs  rsi, 0x1122334455667788
        syscall
        mov     edi, 2
        cmp     rax, -9
        jne     end

        mov     eax, 285                # fallocate
        mov     edi, 0x77
        mov     esi, 1
        movabs  rdx, 0x1122334455667788
        movabs  r10, 0x0102030405060708
        syscall
        mov     edi, 3
        cmp     rax, -9
        jne     end

        mov     eax, 221                # fadvise64
        mov     edi, 0x77
        movabs  rsi, 0x1122334455667788
        movabs  rdx, 0x0102030405060708
        mov     r10d, 4
        syscall
        mov     edi, 4
        cmp     rax, -9
        jne     end

        mov     eax, 2                  # open
        mov     edi, offset exe
        mov     esi, 0
        syscall
        mov     ebx, eax
        mov     eax, 17                 # pread64
        mov     edi, ebx
        mov     rsi, rsp
        mov     edx, 4
        mov     r10d, 1
        syscall
        mov     edi, 5
        cmp     rax, 4
        jne     end
        cmp     dword ptr [rsp], 0x02464c45     # "ELF", ELFCLASS64
        jne     end

        mov     eax, 17                 # pread64
        mov     edi, ebx
        mov     rsi, rsp
        mov     edx, 4
        movabs  r10, 0x100000001
        syscall
        mov     edi, 6
        cmp     rax, 0
        jne     end
        mov     edi, 0
end:    mov     eax, 60                 # exit
        syscall
exe:    .asciz  "/proc/self/exe"
