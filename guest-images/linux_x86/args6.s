# args6: all six arguments, each of another value.
#   mmap2(0x11112000, 0x2222, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 0x55, 0x66) = -EBADF
# mmap2 counts its offset in units of 4096: 0x66 is byte 0x66000.
# [Linux i386: the sixth argument is in ebp; arch/x86/entry/entry_32.S. man 2 mmap2]
# Exit status: 0, or 1 when the result is another
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 192                # mmap2
        mov     ebx, 0x11112000
        mov     ecx, 0x2222
        mov     edx, 5
        mov     esi, 0x12
        mov     edi, 0x55
        mov     ebp, 0x66
        int     0x80
        xor     ebx, ebx
        cmp     eax, -9                 # EBADF: nothing has descriptor 0x55
        setne   bl
        mov     eax, 1                  # exit
        int     0x80
