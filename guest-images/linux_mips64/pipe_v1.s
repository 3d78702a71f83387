# pipe_v1: `pipe` has no argument and two results: the end to read from in v0, the end to write to in v1.
# [man 2 pipe, "C library/kernel differences"; Linux arch/mips/kernel/syscall.c: sysm_pipe]
# Exit status: 0, or 1 when what was written to v1 isn't read from v0
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: daddiu  $sp, $sp, -32
        li      $v0, nr_pipe
        syscall
        bnez    $a3, wrong
        move    $s0, $v0
        move    $s1, $v1
        beq     $s0, $s1, wrong
        nop
        li      $t0, 0x12345678
        sw      $t0, 16($sp)
        li      $v0, nr_write
        move    $a0, $s1
        daddiu  $a1, $sp, 16
        li      $a2, 4
        syscall
        bnez    $a3, wrong
        sw      $zero, 16($sp)
        li      $v0, nr_read
        move    $a0, $s0
        daddiu  $a1, $sp, 16
        li      $a2, 4
        syscall
        bnez    $a3, wrong
        lw      $t0, 16($sp)
        li      $t1, 0x12345678
        bne     $t0, $t1, wrong
        li      $a0, 0
end:    li      $v0, nr_exit
        syscall
wrong:  li      $a0, 1
        b       end
        nop
