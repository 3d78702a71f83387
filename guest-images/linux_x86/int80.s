# int80: `int 0x80`, alternating with calls through the vDSO's entry in one program: both enter the same table.
#   write(1, ...) by int 0x80, getpid() both ways with the same answer, exit by int 0x80
# [Linux arch/x86/entry/entry_32.S; man 3 getauxval, AT_SYSINFO]
# Prints: int80
# Exit status: 0; 1 when the answers differ; 2 when there is no AT_SYSINFO (qemu-user gives none)
        .intel_syntax noprefix
        .globl  _start
_start: mov     esi, esp                # argc, argv, 0, envp, 0, auxv
1:      add     esi, 4                  # argv
        cmp     dword ptr [esi], 0
        jne     1b
2:      add     esi, 4                  # envp
        cmp     dword ptr [esi], 0
        jne     2b
        add     esi, 4
3:      mov     eax, [esi]
        cmp     eax, 32                 # AT_SYSINFO
        je      found
        add     esi, 8
        cmp     eax, 0                  # AT_NULL
        jne     3b
        mov     ebx, 2
        jmp     end

found:  mov     esi, [esi + 4]
        mov     eax, 4                  # write
        mov     ebx, 1
        mov     ecx, offset text
        mov     edx, offset text_end - text
        int     0x80
        mov     eax, 20                 # getpid
        int     0x80
        mov     edi, eax
        mov     eax, 20
        call    esi
        xor     ebx, ebx
        cmp     eax, edi
        setne   bl
end:    mov     eax, 1                  # exit
        int     0x80
text:   .ascii  "int80\n"
text_end:
