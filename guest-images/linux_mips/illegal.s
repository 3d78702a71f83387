# illegal: a reserved instruction ends the program by SIGILL.
# [MIPS32 Architecture II-A, opcode 63 is reserved; man 7 signal]
# Exit status: 132, that is 128 + SIGILL
        .set    noreorder
        .globl  _start
_start: .word   0xffffffff
        li      $v0, 4001               # exit
        li      $a0, 1
        syscall
