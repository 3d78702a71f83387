# preserved: a call leaves s0-s7, gp, sp, s8 and ra alone. (v0 and a3 are results; t0-t9, at, v1, hi and lo may change.)
# [MIPS O32 psABI, register usage; man 2 syscall; Linux arch/mips/include/asm/stackframe.h: RESTORE_SOME]
# Exit status: 0, or 1 when a register changed
        .set    noreorder
        .set    noat
        .globl  _start
_start:
        .irp    n, 16,17,18,19,20,21,22,23,28,30,31
        li      $\n, 0x1000 + \n
        .endr
        move    $t0, $sp
        sw      $t0, -4($sp)
        li      $v0, 4020               # getpid
        syscall
        lw      $t0, -4($sp)
        bne     $t0, $sp, wrong
        .irp    n, 16,17,18,19,20,21,22,23,28,30,31
        li      $t0, 0x1000 + \n
        bne     $\n, $t0, wrong
        .endr
        nop
        li      $a0, 0
end:    li      $v0, 4001               # exit
        syscall
wrong:  li      $a0, 1
        b       end
        nop
