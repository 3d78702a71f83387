# syscall_raw: AMD's 32-bit `syscall` in the program's own code, in the vDSO's sequence. The instruction keeps its return
# address in ecx, so the second argument travels in ebp, and the sixth at 0(esp). The kernel returns to the
# vDSO's landing pad, never to the next instruction: it pops ebp, edx and ecx, and returns to the caller.
# [Linux arch/x86/entry/entry_64_compat.S: entry_SYSCALL_compat; vdso32/system_call.S: SYSCALL_SEQUENCE]
# Prints: syscall_raw
# Exit status: 0; 1 when a result is another.
# On Intel processors, under a 32-bit kernel, and in qemu-user, 32-bit `syscall` is illegal: 132.
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 4                  # write
        mov     ebx, 1
        mov     ecx, offset text
        mov     edx, offset text_end - text
        call    enter
        cmp     eax, offset text_end - text
        jne     wrong

        mov     eax, 192                # mmap2
        mov     ebx, 0x11112000
        mov     ecx, 0x2222
        mov     edx, 5
        mov     esi, 0x12
        mov     edi, 0x55
        mov     ebp, 0x66
        call    enter
        cmp     eax, -9                 # EBADF
        jne     wrong
        cmp     ecx, 0x2222
        jne     wrong
        cmp     ebp, 0x66
        jne     wrong
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        call    enter
wrong:  mov     ebx, 1
        jmp     end

enter:  push    ecx
        push    edx
        push    ebp
        mov     ebp, ecx
        syscall
        hlt                             # never reached
text:   .ascii  "syscall_raw\n"
text_end:
