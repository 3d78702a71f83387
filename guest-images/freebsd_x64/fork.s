# fork: the child's result is 0, its carry flag is clear; the parent waits for its status.
# [FreeBSD fork(2), wait(2)]
# Exit status: 7, the child's
        .intel_syntax noprefix
        .globl  _start
_start: stc
        mov     eax, 2                  # fork
        syscall
        jc      bad
        test    eax, eax
        jz      child
        mov     edi, eax
        mov     eax, 7                  # wait4
        lea     rsi, [rsp - 16]
        mov     edx, 0
        mov     r10d, 0
        syscall
        jc      bad
        movzx   edi, byte ptr [rsp - 15]
        jmp     end
child:  mov     edi, 7
        jmp     end
bad:    mov     edi, 1
end:    mov     eax, 1                  # exit
        syscall
