# breakpoint: `break` with no debugger ends the program by SIGTRAP.
# [Linux arch/mips/kernel/traps.c: do_bp, do_trap_or_bp; man 7 signal]
# Exit status: 133, that is 128 + SIGTRAP
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: break
        li      $v0, nr_exit
        li      $a0, 1
        syscall
