# hello: write(1, ...) and exit(0).
# [FreeBSD sys/kern/syscalls.master; number in rax, arguments in rdi rsi rdx r10 r8 r9, result in rax]
# Prints: hello from freebsd_x64
# Exit status: 0
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 4                  # write
        mov     edi, 1
        mov     esi, offset text
        mov     edx, offset text_end - text
        syscall
        mov     eax, 1                  # exit
        mov     edi, 0
        syscall
text:   .ascii  "hello from freebsd_x64\n"
text_end:
