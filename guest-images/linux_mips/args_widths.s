# args_widths: `int` is signed, `umode_t` is 16 bits wide, and a service looks at no more bits than it has names for.
#   lseek(-1, -1, SEEK_END)              = EBADF
#   mkdirat(AT_FDCWD, "", 0x123401ed)    = ENOENT, its mode is 0755
#   umask(0x7fff0012)                    = the mask from before
#   umask(0x12)                          = 0x12
# [Linux include/linux/types.h: umode_t is unsigned short; kernel/sys.c: umask & S_IRWXUGO]
# Exit status: 0, or the number of the first call above that went otherwise
        .set    noreorder
        .globl  _start
_start: li      $s7, 1
        li      $v0, 4019               # lseek
        li      $a0, -1
        li      $a1, -1
        li      $a2, 2
        syscall
        li      $s0, 1
        bne     $a3, $s7, end
        li      $t0, 9                  # EBADF
        bne     $v0, $t0, end
        nop

        li      $v0, 4289               # mkdirat
        li      $a0, -100
        la      $a1, empty
        li      $a2, 0x123401ed
        syscall
        li      $s0, 2
        bne     $a3, $s7, end
        li      $t0, 2                  # ENOENT
        bne     $v0, $t0, end
        nop

        li      $v0, 4060               # umask
        li      $a0, 0x7fff0012
        syscall
        li      $s0, 3
        bnez    $a3, end
        sltiu   $t0, $v0, 512
        beqz    $t0, end
        nop

        li      $v0, 4060               # umask
        li      $a0, 0x12
        syscall
        li      $s0, 4
        bnez    $a3, end
        li      $t0, 0x12
        bne     $v0, $t0, end
        nop
        li      $s0, 0
end:    li      $v0, 4001               # exit
        move    $a0, $s0
        syscall
empty:  .byte   0
