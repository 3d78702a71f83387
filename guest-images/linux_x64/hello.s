# hello: write(1, ...) and exit(0).
# [System V psABI AMD64, A.2.1: number in rax, arguments in rdi rsi rdx r10 r8 r9, result in rax]
# Prints: hello from linux_x64
# Exit status: 0
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 1                  # write
        mov     edi, 1
        mov     esi, offset text
        mov     edx, offset text_end - text
        syscall
        mov     eax, 60                 # exit
        mov     edi, 0
        syscall
text:   .ascii  "hello from linux_x64\n"
text_end:
