# overflow: `add` traps when a signed sum doesn't fit: SIGFPE.
# [MIPS64 Architecture II-A, ADD; Linux arch/mips/kernel/traps.c: do_ov]
# Exit status: 136, that is 128 + SIGFPE
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $t0, 0x7fffffff
        li      $t1, 1
        add     $t0, $t0, $t1
        li      $v0, nr_exit
        li      $a0, 1
        syscall
