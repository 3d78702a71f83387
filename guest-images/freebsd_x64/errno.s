# errno: errors have FreeBSD's own numbers where they are not those of other systems.
#   read(pipe, O_NONBLOCK, empty)  = EAGAIN, 35
#   rmdir("/full")                 = ENOTEMPTY, 66
# [FreeBSD sys/sys/errno.h]
# Exit status: 0, or the number of the failure above that has another number
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 542                # pipe2
        lea     rdi, [rsp - 8]
        mov     esi, 4                  # O_NONBLOCK
        syscall
        mov     eax, 3                  # read
        mov     edi, [rsp - 8]
        lea     rsi, [rsp - 16]
        mov     edx, 1
        syscall
        mov     edi, 1
        cmp     rax, 35                 # EAGAIN
        jne     end
        mov     eax, 136                # mkdir
        mov     edi, offset full
        mov     esi, 0777
        syscall
        mov     eax, 136                # mkdir
        mov     edi, offset inside
        mov     esi, 0777
        syscall
        mov     eax, 137                # rmdir
        mov     edi, offset full
        syscall
        mov     edi, 2
        cmp     rax, 66                 # ENOTEMPTY
        jne     end
        mov     edi, 0
end:    mov     eax, 1                  # exit
        syscall
full:   .asciz  "/tmp/full"
inside: .asciz  "/tmp/full/inside"
