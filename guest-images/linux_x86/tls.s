# tls: set_thread_area takes a free GDT entry from 12 to 14, and a selector for it puts its base into gs.
#   set_thread_area({-1, base, 0xfffff, 32-bit, pages}) = 0, the entry's number written back
# [man 2 set_thread_area; Linux arch/x86/include/asm/segment.h: GDT_ENTRY_TLS_MIN is 12 on x86-64, 6 on i386 kernels]
# Exit status: 0, or 1 when a value is another
        .intel_syntax noprefix
        .globl  _start
_start: push    0x12345678
        mov     esi, esp
        push    0x51                    # seg_32bit, limit_in_pages, useable
        push    0xfffff
        push    esi
        push    -1
        mov     eax, 243                # set_thread_area
        mov     ebx, esp
        int     0x80
        test    eax, eax
        jnz     wrong
        mov     eax, [esp]
        cmp     eax, 14
        ja      wrong
        lea     eax, [eax * 8 + 3]
        mov     gs, eax
        cmp     dword ptr gs:0, 0x12345678
        jne     wrong
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        int     0x80
wrong:  mov     ebx, 1
        jmp     end
