# socketcall: call 102 carries another call: its number in ebx, the address of its arguments in ecx.
#   socketcall(SYS_CONNECT, {0x77, 0x11112222, 0x33}) = connect(0x77, 0x11112222, 0x33)   = -EBADF
#   socketcall(SYS_SENDTO, {0x77, sp, 3, 0x40, sp, 0x66}), six arguments                  = -EBADF
#   socketcall(0x7e, ...)                                                                 = -EINVAL
#   socketcall(SYS_CONNECT, unreadable)                                                   = -EFAULT
# [Linux net/socket.c: socketcall, nargs; man 2 socketcall]
# Exit status: 0, or the number of the first call above that went otherwise.
# qemu-user looks at an address before it looks at the descriptor, so its first answer is EFAULT: 1.
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 102                # socketcall
        mov     ebx, 3                  # SYS_CONNECT
        mov     ecx, offset block
        int     0x80
        mov     ebx, 1
        cmp     eax, -9                 # EBADF
        jne     end

        mov     eax, esp
        push    0x66
        push    eax
        push    0x40
        push    3
        push    eax
        push    0x77
        mov     eax, 102
        mov     ebx, 11                 # SYS_SENDTO
        mov     ecx, esp
        int     0x80
        mov     ebx, 2
        cmp     eax, -9                 # EBADF
        jne     end

        mov     eax, 102
        mov     ebx, 0x7e
        int     0x80
        mov     ebx, 3
        cmp     eax, -22                # EINVAL
        jne     end

        mov     eax, 102
        mov     ebx, 3
        mov     ecx, 8
        int     0x80
        mov     ebx, 4
        cmp     eax, -14                # EFAULT
        jne     end
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        int     0x80
        .balign 4
block:  .long   0x77, 0x11112222, 0x33
