# preserved: a call changes eax and no other register, the flags included.
# [Linux arch/x86/entry/entry_32.S: all registers are saved on entry and restored]
# Exit status: 0, or 1 when a register changed
        .intel_syntax noprefix
        .globl  _start
_start: mov     ebx, 0x22222222
        mov     ecx, 0x33333333
        mov     edx, 0x44444444
        mov     esi, 0x55555555
        mov     edi, 0x66666666
        mov     ebp, 0x77777777
        push    esp
        mov     eax, 20                 # getpid
        stc
        int     0x80
        jnc     wrong
        pop     eax
        cmp     eax, esp
        jne     wrong
        cmp     ebx, 0x22222222
        jne     wrong
        cmp     ecx, 0x33333333
        jne     wrong
        cmp     edx, 0x44444444
        jne     wrong
        cmp     esi, 0x55555555
        jne     wrong
        cmp     edi, 0x66666666
        jne     wrong
        cmp     ebp, 0x77777777
        jne     wrong
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        int     0x80
wrong:  mov     ebx, 1
        jmp     end
