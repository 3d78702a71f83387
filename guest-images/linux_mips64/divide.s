# divide: MIPS divisions don't trap; compilers put `teq divisor, zero, 7` after them, and code 7 means division by zero:
# SIGFPE.
# [MIPS64 Architecture II-A, TEQ; Linux arch/mips/kernel/traps.c: do_trap_or_bp, BRK_DIVZERO]
# Exit status: 136, that is 128 + SIGFPE.
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $t0, 1
        div     $zero, $t0, $zero
        teq     $zero, $zero, 7
        li      $v0, nr_exit
        li      $a0, 1
        syscall
