# pair64: an offset of 64 bits is one argument.
#   pread(-1, sp, 1, 0x123456789)  = EBADF
# [FreeBSD pread(2); sys/kern/syscalls.master, 475]
# Exit status: 0, or 1 when the error is another
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 475                # pread
        mov     edi, -1
        mov     rsi, rsp
        mov     edx, 1
        movabs  r10, 0x123456789
        syscall
        mov     edi, 1
        cmp     rax, 9                  # EBADF
        jne     end
        mov     edi, 0
end:    mov     eax, 1                  # exit
        syscall
