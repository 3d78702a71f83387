# hello: write(1, ...) and exit(0).
# [MIPS O32: number in v0, arguments in a0-a3 and from 16(sp), result in v0, error flag in a3; man 2 syscall]
# Prints: hello from linux_mips
# (made for linux_mipsel: hello from linux_mipsel)
# Exit status: 0
        .set    noreorder
        .globl  _start
_start: li      $v0, 4004               # write
        li      $a0, 1
        la      $a1, text
        li      $a2, text_end - text
        syscall
        li      $v0, 4001               # exit
        li      $a0, 0
        syscall
        .if     BIG
text:   .ascii  "hello from linux_mips\n"
        .else
text:   .ascii  "hello from linux_mipsel\n"
        .endif
text_end:
