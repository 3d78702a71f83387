# error: a failing call sets a3 to 1 and v0 to its errno, positive; a call that succeeds sets a3 to 0.
#   openat(AT_FDCWD, "/nonexistent", O_RDONLY) = ENOENT; getpid() with a3 = 1 before it succeeds
# [Linux arch/mips/kernel/scall64-n64.S, scall64-n32.S; man 2 open]
# Exit status: 0, or the number of the call above that went otherwise
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $v0, nr_openat
        li      $a0, -100               # AT_FDCWD
        address $a1, path
        li      $a2, 0
        syscall
        li      $s0, 1
        li      $t0, 1
        bne     $a3, $t0, end
        li      $t0, 2                  # ENOENT
        bne     $v0, $t0, end
        nop

        li      $v0, nr_getpid
        li      $a3, 1
        syscall
        li      $s0, 2
        bnez    $a3, end
        nop
        li      $s0, 0
end:    li      $v0, nr_exit
        move    $a0, $s0
        syscall
path:   .asciz  "/nonexistent"
