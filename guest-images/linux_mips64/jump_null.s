# jump_null: a jump to an address where nothing is mapped ends the program by SIGSEGV.
# [man 7 signal]
# Exit status: 139, that is 128 + SIGSEGV
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: jr      $zero
        nop
