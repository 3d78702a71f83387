# sysenter_raw: `sysenter` in the program's own code, in the vDSO's sequence. The kernel returns to the vDSO's landing
# pad, never to the next instruction: it pops ebp, edx and ecx, and returns to the caller of the sequence.
# The sixth argument is at 0(ebp), because ebp itself is the stack pointer.
# [Linux arch/x86/entry/entry_32.S: entry_SYSENTER_32; vdso32/system_call.S: int80_landing_pad]
# Prints: sysenter_raw
# Exit status: 0; 1 when a result is another.
# On AMD processors under a 64-bit kernel `sysenter` is illegal: 132. qemu-user jumps to nowhere: 139.
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
        mov     ebp, esp
        sysenter
        hlt                             # never reached
text:   .ascii  "sysenter_raw\n"
text_end:
