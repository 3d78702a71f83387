# indirect: `syscall` (4000) carries another call: its number is the first argument, and every other argument moves up one
# slot: the fourth of the inner call is at 16(sp), the fifth at 20(sp), the sixth at 24(sp).
#   syscall(_llseek, /proc/self/exe, 0x1, 0x23456789, sp + 32, SEEK_SET) = 0, the result at sp + 32
#   syscall(mmap2, 0x11112000, 0x2222, 5, 0x12, 0x55, 0x66)              = EBADF
#   syscall(syscall, getpid)                                             = ENOSYS: not twice
#   syscall(4999)                                                        = ENOSYS
# [Linux arch/mips/kernel/scall32-o32.S: sys_syscall; man 2 _llseek]
# Exit status: 0, or the number of the first call above that went otherwise. qemu-user nests: 3.
        .set    noreorder
        .globl  _start
_start: addiu   $sp, $sp, -48
        li      $s7, 1
        li      $v0, 4005               # open
        la      $a0, exe
        li      $a1, 0
        syscall
        move    $s1, $v0

        li      $v0, 4000               # syscall
        li      $a0, 4140               # _llseek
        move    $a1, $s1
        li      $a2, 1
        li      $a3, 0x23456789
        addiu   $t0, $sp, 32
        sw      $t0, 16($sp)
        sw      $zero, 20($sp)
        syscall
        li      $s0, 1
        bnez    $a3, end
        nop
        bnez    $v0, end
        .if     BIG
        lw      $t0, 32($sp)
        lw      $t1, 36($sp)
        .else
        lw      $t1, 32($sp)
        lw      $t0, 36($sp)
        .endif
        bne     $t0, $s7, end
        nop
        li      $t0, 0x23456789
        bne     $t0, $t1, end
        nop

        li      $v0, 4000
        li      $a0, 4210               # mmap2
        li      $a1, 0x11112000
        li      $a2, 0x2222
        li      $a3, 5
        li      $t0, 0x12
        sw      $t0, 16($sp)
        li      $t0, 0x55
        sw      $t0, 20($sp)
        li      $t0, 0x66
        sw      $t0, 24($sp)
        syscall
        li      $s0, 2
        bne     $a3, $s7, end
        li      $t0, 9                  # EBADF
        bne     $v0, $t0, end
        nop

        li      $v0, 4000
        li      $a0, 4000
        li      $a1, 4020
        syscall
        li      $s0, 3
        bne     $a3, $s7, end
        li      $t0, 89                 # ENOSYS
        bne     $v0, $t0, end
        nop

        li      $v0, 4000
        li      $a0, 4999
        syscall
        li      $s0, 4
        bne     $a3, $s7, end
        li      $t0, 89                 # ENOSYS
        bne     $v0, $t0, end
        nop
        li      $s0, 0
end:    li      $v0, 4001               # exit
        move    $a0, $s0
        syscall
exe:    .asciz  "/proc/self/exe"
