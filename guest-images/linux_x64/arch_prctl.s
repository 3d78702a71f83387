# arch_prctl: ARCH_SET_FS moves the base of fs, where thread-local variables are; ARCH_GET_FS tells it.
# [man 2 arch_prctl]
# Exit status: 0, or 1 when a value is another
        .intel_syntax noprefix
        .globl  _start
_start: push    0x12345678
        mov     eax, 158                # arch_prctl
        mov     edi, 0x1002             # ARCH_SET_FS
        mov     rsi, rsp
        syscall
        test    rax, rax
        jnz     wrong
        cmp     dword ptr fs:0, 0x12345678
        jne     wrong
        push    0
        mov     eax, 158
        mov     edi, 0x1003             # ARCH_GET_FS
        mov     rsi, rsp
        syscall
        pop     rax
        cmp     rax, rsp
        jne     wrong
        mov     edi, 0
end:    mov     eax, 60                 # exit
        syscall
wrong:  mov     edi, 1
        jmp     end
