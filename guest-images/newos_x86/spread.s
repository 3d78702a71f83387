# spread: arguments of 8, 16, 32 and 64 bits; the last three words are on the stack.
#   spread(-2, 0xfffe, -3, 0x123456789, "five") = 99 with the carry flag: nobody serves it
# [profiles/own/newos_x86.toml; prototypes/own/newos_x86.txt]
# Exit status: 0, or 1 when the error is another
        .intel_syntax noprefix
        .globl  _start
_start: push    offset text
        push    1
        push    0x23456789
        mov     eax, 4                  # spread
        mov     ebx, 0x111111fe
        mov     ecx, 0x2222fffe
        mov     edx, -3
        int     0x40
        mov     ebx, 1
        jnc     end
        cmp     eax, 99                 # ENOSYS, by newos' own number
        jne     end
        mov     ebx, 0
end:    mov     eax, 1                  # leave
        int     0x40
text:   .asciz  "five"
