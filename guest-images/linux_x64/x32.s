# x32: bit 30 of the number asks for the x32 table. A kernel without CONFIG_X86_X32_ABI, as most are, answers ENOSYS.
#   getpid() with 0x40000000 + 39 = -ENOSYS
# [Linux arch/x86/entry/common.c: do_syscall_x32; arch/x86/include/uapi/asm/unistd.h: __X32_SYSCALL_BIT]
# Exit status: 0; 1 when there is a result
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 0x40000027
        syscall
        xor     edi, edi
        cmp     rax, -38                # ENOSYS
        setne   dil
        mov     eax, 60                 # exit
        syscall
