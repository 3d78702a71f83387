# sysenter: calls through AT_SYSINFO, the vDSO's __kernel_vsyscall, as glibc makes all of its calls. It takes the
# registers of `int 0x80` and enters by what the processor has: sysenter, AMD's syscall, or int 0x80.
#   write(1, ...), then mmap2 with six arguments (see args6), exit
# Inside, ebp is pushed and becomes the stack pointer: the sixth argument travels at 0(ebp).
# [Linux arch/x86/entry/vdso/vdso32/system_call.S; man 3 getauxval, AT_SYSINFO]
# Prints: sysenter
# Exit status: 0; 1 when a result is another; 2 when there is no AT_SYSINFO (qemu-user gives none)
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
        mov     eax, 1                  # exit
        mov     ebx, 2
        int     0x80

found:  push    dword ptr [esi + 4]
        mov     eax, 4                  # write
        mov     ebx, 1
        mov     ecx, offset text
        mov     edx, offset text_end - text
        call    [esp]
        cmp     eax, offset text_end - text
        jne     wrong

        mov     eax, 192                # mmap2
        mov     ebx, 0x11112000
        mov     ecx, 0x2222
        mov     edx, 5
        mov     esi, 0x12
        mov     edi, 0x55
        mov     ebp, 0x66
        call    [esp]
        cmp     eax, -9                 # EBADF
        jne     wrong
        cmp     ecx, 0x2222             # the three that __kernel_vsyscall pushes
        jne     wrong
        cmp     edx, 5
        jne     wrong
        cmp     ebp, 0x66
        jne     wrong

        mov     ebx, 0
end:    mov     eax, 1                  # exit
        call    [esp]
        hlt
wrong:  mov     ebx, 1
        jmp     end
text:   .ascii  "sysenter\n"
text_end:
