# preserved: a call changes rax, rcx and r11 and no other register: rcx is the address after `syscall`, r11 the flags.
# [System V psABI AMD64, A.2.1; Intel SDM 2B, SYSCALL]
# Exit status: 0, or 1 when a register is another. qemu-user leaves rcx and r11 as they were: 1.
        .intel_syntax noprefix
        .globl  _start
_start: mov     rbx, 0x22222222
        mov     rdx, 0x44444444
        mov     rsi, 0x55555555
        mov     rdi, 0x66666666
        mov     rbp, 0x77777777
        mov     r8, 0x08080808
        mov     r9, 0x09090909
        mov     r10, 0x10101010
        mov     r12, 0x12121212
        mov     r13, 0x13131313
        mov     r14, 0x14141414
        mov     r15, rsp
        mov     eax, 39                 # getpid
        stc
        syscall
after:  jnc     wrong
        cmp     rcx, offset after
        jne     wrong
        and     r11, 1                  # the carry flag
        cmp     r11, 1
        jne     wrong
        cmp     rbx, 0x22222222
        jne     wrong
        cmp     rdx, 0x44444444
        jne     wrong
        cmp     rsi, 0x55555555
        jne     wrong
        cmp     rdi, 0x66666666
        jne     wrong
        cmp     rbp, 0x77777777
        jne     wrong
        cmp     r8, 0x08080808
        jne     wrong
        cmp     r9, 0x09090909
        jne     wrong
        cmp     r10, 0x10101010
        jne     wrong
        cmp     r12, 0x12121212
        jne     wrong
        cmp     r13, 0x13131313
        jne     wrong
        cmp     r14, 0x14141414
        jne     wrong
        cmp     r15, rsp
        jne     wrong
        mov     edi, 0
end:    mov     eax, 60                 # exit
        syscall
wrong:  mov     edi, 1
        jmp     end
