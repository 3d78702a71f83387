# hello: write(1, ...) and exit(0).
# [Linux i386: number in eax, arguments in ebx ecx edx esi edi ebp, result in eax; arch/x86/entry/entry_32.S]
# Prints: hello from linux_x86
# Exit status: 0
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 4                  # write
        mov     ebx, 1
        mov     ecx, offset text
        mov     edx, offset text_end - text
        int     0x80
        mov     eax, 1                  # exit
        mov     ebx, 0
        int     0x80
text:   .ascii  "hello from linux_x86\n"
text_end:
