# unknown: a number that names no call is answered with ENOSYS, 89 here, and the program goes on. So are numbers outside
# of the ABI's range from 5000 (N32: 6000) on.
#   5999 (6999), 39, 4020 (getpid of O32) = ENOSYS
# [Linux arch/mips/include/uapi/asm/errno.h; arch/mips/kernel/scall64-n64.S, scall64-n32.S: illegal_syscall]
# Exit status: 0, or 1 when a result is another
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $s1, 3
        address $s2, numbers
next:   lw      $v0, 0($s2)
        li      $a0, 1
        li      $a1, 2
        syscall
        li      $s0, 1
        li      $t0, 1
        bne     $a3, $t0, end
        li      $t0, 89                 # ENOSYS
        bne     $v0, $t0, end
        addiu   $s1, $s1, -1
        bnez    $s1, next
        addiu   $s2, $s2, 4
        li      $s0, 0
end:    li      $v0, nr_exit
        move    $a0, $s0
        syscall
        .balign 4
numbers:.word   BASE + 999, 39, 4020
