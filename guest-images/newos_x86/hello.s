# hello: put(1, text, 13) and leave(3) are answered by the kernel inside, print(text, 12) by nobody.
# [profiles/own/newos_x86.toml; prototypes/own/newos_x86.txt]
# Prints: hello, newos
# Exit status: 3
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 6                  # put
        mov     ebx, 1
        mov     ecx, offset text
        mov     edx, 13
        int     0x40
        mov     eax, 2                  # print
        mov     ebx, offset text
        mov     ecx, 12
        int     0x40
        mov     eax, 1                  # leave
        mov     ebx, 3
        int     0x40
text:   .ascii  "hello, newos\n"
