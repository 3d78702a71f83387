# exit: the status of exit is the process's.
# [FreeBSD _exit(2)]
# Exit status: 42
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 1                  # exit
        mov     edi, 42
        syscall
