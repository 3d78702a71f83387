# preserved: a call leaves s0-s7, gp, sp, s8 and ra alone. (v0 and a3 are results; $8-$15, t8, t9, at, v1, hi and lo may change.)
# [MIPSpro N32 ABI Handbook, 2.1; man 2 syscall; Linux arch/mips/include/asm/stackframe.h: RESTORE_SOME]
# Exit status: 0, or 1 when a register changed
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .set    noat
        .globl  _start
_start:
        .irp    n, 16,17,18,19,20,21,22,23,28,30,31
        dli     $\n, 0x123400001000 + \n
        .endr
        move    $t0, $sp
        sd      $t0, -8($sp)
        li      $v0, nr_getpid
        syscall
        ld      $t0, -8($sp)
        bne     $t0, $sp, wrong
        nop
        .irp    n, 16,17,18,19,20,21,22,23,28,30,31
        dli     $t0, 0x123400001000 + \n
        bne     $\n, $t0, wrong
        nop
        .endr
        nop
        li      $a0, 0
end:    li      $v0, nr_exit
        syscall
wrong:  li      $a0, 1
        b       end
        nop
