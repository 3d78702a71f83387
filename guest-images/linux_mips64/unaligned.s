# unaligned: the kernel carries out loads and stores of words and halves at odd addresses, which the CPU refuses; in the
# delay slot of a branch too, whose target is where the program goes on.
# [Linux arch/mips/kernel/unaligned.c: emulate_load_store_insn]
# Exit status: 0, or the number of the check that failed. qemu-user has no such kernel: 135, SIGBUS.
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: daddiu  $sp, $sp, -32
        li      $t0, 0x11223344
        li      $t1, 0x55667788
        sw      $t0, 16($sp)
        sw      $t1, 20($sp)
        lw      $t2, 17($sp)
        .if     BIG
        li      $t3, 0x22334455
        .else
        li      $t3, 0x88112233         # lw extends its sign
        .endif
        bne     $t2, $t3, end
        li      $s0, 1

        lhu     $t2, 17($sp)
        li      $t3, 0x2233             # the middle of the word, in either order
        bne     $t2, $t3, end
        li      $s0, 2

        li      $t2, 0x8765
        sh      $t2, 19($sp)
        lh      $t3, 19($sp)
        li      $t2, 0xffff8765
        bne     $t2, $t3, end
        li      $s0, 3

        li      $t2, 0x0a0b0c0d
        sw      $t2, 18($sp)
        lw      $t3, 18($sp)
        bne     $t2, $t3, end
        li      $s0, 4

        b       1f
        lw      $t3, 18($sp)
        b       end
        li      $s0, 5
1:      bne     $t2, $t3, end
        li      $s0, 6
        li      $s0, 0
end:    li      $v0, nr_exit
        move    $a0, $s0
        syscall
