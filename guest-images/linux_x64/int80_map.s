# int80_map: an address from `int 0x80` in 64-bit code is below 4 GiB and can be used as it is: rax has it with zeros above.
#   mmap2 is 192, munmap 91, exit 1
# [Linux arch/x86/entry/common.c: do_syscall_32_irqs_on keeps the function's `long`; arch/x86/mm/mmap.c: mmap_compat_base]
# Exit status: 0, or the number of the first line below that went otherwise.
# qemu-user has no 32-bit table in 64-bit code: 139.
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 192                # mmap2: a page, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS
        xor     ebx, ebx
        mov     ecx, 4096
        mov     edx, 3
        mov     esi, 0x22
        mov     edi, -1
        xor     ebp, ebp
        int     0x80
        mov     r12, rax
        mov     ebx, 1                  # 1: not below 2 GiB, so that its sign would show
        test    eax, eax
        jns     end
        mov     ebx, 2                  # 2: nothing above 32 bits
        shr     rax, 32
        jnz     end
        mov     byte ptr [r12], 42
        mov     eax, 91                 # munmap
        mov     ebx, r12d
        int     0x80
        mov     ebx, 3                  # 3: it is unmapped
        test    rax, rax
        jnz     end
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        int     0x80
