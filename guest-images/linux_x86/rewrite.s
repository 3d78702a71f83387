# rewrite: code that was run, is written over, and is run again, does the new thing.
# [Intel SDM 3A 8.1.3: a jump is enough on one processor]
# Exit status: 0, or 1 when old code ran
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 192                # mmap2
        mov     ebx, 0
        mov     ecx, 4096
        mov     edx, 7                  # PROT_READ|PROT_WRITE|PROT_EXEC
        mov     esi, 0x22               # MAP_PRIVATE|MAP_ANONYMOUS
        mov     edi, -1
        mov     ebp, 0
        int     0x80
        mov     esi, eax
        mov     byte ptr [esi], 0xb8    # mov eax, imm32
        mov     dword ptr [esi + 1], 11
        mov     byte ptr [esi + 5], 0xc3        # ret
        call    esi
        mov     edi, eax
        mov     dword ptr [esi + 1], 31
        call    esi
        add     eax, edi
        xor     ebx, ebx
        cmp     eax, 42
        setne   bl
        mov     eax, 1                  # exit
        int     0x80
