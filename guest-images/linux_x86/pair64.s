# pair64: 64-bit arguments take two registers, low word first, packed: i386 leaves no gap before them.
#   pread64(0x77, sp, 0x3333, 0x1122334455667788)                         = -EBADF
#   ftruncate64(0x77, 0x1122334455667788)                                 = -EBADF
#   fallocate(0x77, 1, 0x1122334455667788, 0x0102030405060708)            = -EBADF
#   fadvise64_64(0x77, 0x1122334455667788, 0x0102030405060708, 4)         = -EBADF
#   pread64(/proc/self/exe, sp, 4, 1)           = 4, the rest of "\177ELF" and the class
#   pread64(/proc/self/exe, sp, 4, 0x100000001) = 0, past the end
# [Linux i386: arch/x86/kernel/sys_ia32.c, ia32_pread64 and its neighbours: (lo, hi) adjacent]
# Exit status: 0, or the number of the first call above that went otherwise
        .intel_syntax noprefix
        .globl  _start
_start: sub     esp, 0x4000
        mov     eax, 180                # pread64
        mov     ebx, 0x77
        mov     ecx, esp
        mov     edx, 0x3333
        mov     esi, 0x55667788
        mov     edi, 0x11223344
        int     0x80
        mov     ebx, 1
        cmp     eax, -9
        jne     end

        mov     eax, 194                # ftruncate64
        mov     ebx, 0x77
        mov     ecx, 0x55667788
        mov     edx, 0x11223344
        int     0x80
        mov     ebx, 2
        cmp     eax, -9
        jne     end

        mov     eax, 324                # fallocate
        mov     ebx, 0x77
        mov     ecx, 1
        mov     edx, 0x55667788
        mov     esi, 0x11223344
        mov     edi, 0x05060708
        mov     ebp, 0x01020304
        int     0x80
        mov     ebx, 3
        cmp     eax, -9
        jne     end

        mov     eax, 272                # fadvise64_64
        mov     ebx, 0x77
        mov     ecx, 0x55667788
        mov     edx, 0x11223344
        mov     esi, 0x05060708
        mov     edi, 0x01020304
        mov     ebp, 4
        int     0x80
        mov     ebx, 4
        cmp     eax, -9
        jne     end

        mov     eax, 5                  # open
        mov     ebx, offset exe
        mov     ecx, 0
        int     0x80
        mov     ebx, eax
        mov     eax, 180                # pread64
        mov     ecx, esp
        mov     edx, 4
        mov     esi, 1
        mov     edi, 0
        int     0x80
        mov     ebp, ebx
        mov     ebx, 5
        cmp     eax, 4
        jne     end
        cmp     dword ptr [esp], 0x01464c45     # "ELF", ELFCLASS32
        jne     end

        mov     eax, 180                # pread64
        mov     ebx, ebp
        mov     ecx, esp
        mov     edx, 4
        mov     esi, 1
        mov     edi, 1
        int     0x80
        mov     ebx, 6
        cmp     eax, 0
        jne     end
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        int     0x80
exe:    .asciz  "/proc/self/exe"
