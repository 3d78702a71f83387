# hello: write(1, ...) and exit(0).
# [MIPS N64, N32: number in v0, arguments in a0-a3 and $8-$9, result in v0, error flag in a3; man 2 syscall]
# Prints: hello from PROFILE
# Exit status: 0
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $v0, nr_write
        li      $a0, 1
        address $a1, text
        li      $a2, text_end - text
        syscall
        li      $v0, nr_exit
        li      $a0, 0
        syscall
text:   .ascii  "hello from linux_mips64"
        .if     N32
        .ascii  "n32"
        .endif
        .if     BIG == 0
        .ascii  "el"
        .endif
        .ascii  "\n"
text_end:
