# illegal: a reserved instruction ends the program by SIGILL.
# [MIPS64 Architecture II-A, opcode 59 is reserved before release 6; man 7 signal]
# Exit status: 132, that is 128 + SIGILL
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: .word   0xec0000ec
        li      $v0, nr_exit
        li      $a0, 1
        syscall
