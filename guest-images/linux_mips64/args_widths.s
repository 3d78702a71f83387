# args_widths: an `int` is the low half of its register, whatever the high half holds; `umode_t` is 16 bits wide; `size_t` has
# 64 bits in N64, and in N32 the low half counts.
#   lseek(0xbad0_ffffffff, -1, SEEK_END)         = EBADF, the descriptor is -1
#   mkdirat(AT_FDCWD, "", 0x1234_000001ed)       = ENOENT, its mode is 0755
#   write(0xbad0_00000001, text, 7)              = 7
#   umask(0x7fff0012)                            = the mask from before
#   umask(0x12)                                  = 0x12
# [Linux include/linux/syscalls.h, __SC_LONG; include/linux/types.h: umode_t is unsigned short]
# Prints: widths
# Exit status: 0, or the number of the first call above that went otherwise
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $s7, 1
        li      $v0, nr_lseek
        dli     $a0, 0xbad0ffffffff
        li      $a1, -1
        li      $a2, 2
        syscall
        li      $s0, 1
        bne     $a3, $s7, end
        li      $t3, 9                  # EBADF
        bne     $v0, $t3, end
        nop

        li      $v0, nr_mkdirat
        li      $a0, -100
        address $a1, empty
        dli     $a2, 0x1234000001ed
        syscall
        li      $s0, 2
        bne     $a3, $s7, end
        li      $t3, 2                  # ENOENT
        bne     $v0, $t3, end
        nop

        li      $v0, nr_write
        dli     $a0, 0xbad000000001
        address $a1, text
        li      $a2, 7
        syscall
        li      $s0, 3
        bnez    $a3, end
        li      $t3, 7
        bne     $v0, $t3, end
        nop

        li      $v0, nr_umask
        li      $a0, 0x7fff0012
        syscall
        li      $s0, 4
        bnez    $a3, end
        sltiu   $t3, $v0, 512
        beqz    $t3, end
        nop

        li      $v0, nr_umask
        li      $a0, 0x12
        syscall
        li      $s0, 5
        bnez    $a3, end
        li      $t3, 0x12
        bne     $v0, $t3, end
        nop
        li      $s0, 0
end:    li      $v0, nr_exit
        move    $a0, $s0
        syscall
text:   .ascii  "widths\n"
empty:  .byte   0
