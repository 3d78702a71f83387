# fault: a store through a null pointer ends the program by SIGSEGV.
# [man 7 signal]
# Exit status: 139, that is 128 + SIGSEGV
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: sw      $zero, 0($zero)
        li      $v0, nr_exit
        li      $a0, 1
        syscall
