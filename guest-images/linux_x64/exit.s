# exit: exit_group(42) never returns.
# [man 2 exit_group]
# Exit status: 42
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 231                # exit_group
        mov     edi, 42
        syscall
        hlt
