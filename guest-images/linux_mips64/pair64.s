# pair64: a 64-bit argument takes one register, on N32 too, whose pointers have 32 bits.
#   pread64(0x77, sp, 0x3333, 0x1122334455667788)                          = EBADF
#   ftruncate(0x77, 0x1122334455667788)                                    = EBADF
#   fallocate(0x77, 1, 0x1122334455667788, 0x0102030405060708)             = EBADF
#   fadvise64(0x77, 0x1122334455667788, 0x0102030405060708, 4)             = EBADF
#   pread64(/proc/self/exe, sp, 4, 1)           = 4, the rest of "\177ELF" and the class
#   pread64(/proc/self/exe, sp, 4, 0x100000001) = 0, past the end
# [MIPSpro N32 ABI Handbook, 2.1; Linux arch/mips/kernel/syscalls/syscall_n32.tbl]
# Exit status: 0, or the number of the first call above that went otherwise
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .macro  expect_ebadf number
        li      $s0, \number
        bne     $a3, $s7, end
        li      $t3, 9                  # EBADF
        bne     $v0, $t3, end
        nop
        .endm

        .globl  _start
_start: li      $t3, 0x4000
        dsubu   $sp, $sp, $t3
        li      $s7, 1
        dli     $s3, 0x1122334455667788
        dli     $s4, 0x0102030405060708
        li      $v0, nr_pread64
        li      $a0, 0x77
        daddiu  $a1, $sp, 64
        li      $a2, 0x3333
        move    $a3, $s3
        syscall
        expect_ebadf 1

        li      $v0, nr_ftruncate
        li      $a0, 0x77
        move    $a1, $s3
        syscall
        expect_ebadf 2

        li      $v0, nr_fallocate
        li      $a0, 0x77
        li      $a1, 1
        move    $a2, $s3
        move    $a3, $s4
        syscall
        expect_ebadf 3

        li      $v0, nr_fadvise64
        li      $a0, 0x77
        move    $a1, $s3
        move    $a2, $s4
        li      $a3, 4
        syscall
        expect_ebadf 4

        li      $v0, nr_open
        address $a0, exe
        li      $a1, 0
        syscall
        move    $s1, $v0
        li      $v0, nr_pread64
        move    $a0, $s1
        daddiu  $a1, $sp, 64
        li      $a2, 4
        li      $a3, 1
        syscall
        li      $s0, 5
        bnez    $a3, end
        li      $t3, 4
        bne     $v0, $t3, end
        lw      $t3, 64($sp)
        address $a1, header
        lw      $a1, 0($a1)
        bne     $t3, $a1, end
        nop

        li      $v0, nr_pread64
        move    $a0, $s1
        daddiu  $a1, $sp, 64
        li      $a2, 4
        dli     $a3, 0x100000001
        syscall
        li      $s0, 6
        bnez    $a3, end
        nop
        bnez    $v0, end
        nop
        li      $s0, 0
end:    li      $v0, nr_exit
        move    $a0, $s0
        syscall
        .balign 4
header: .ascii  "ELF"
        .byte   2 - N32                 # ELFCLASS64, ELFCLASS32
exe:    .asciz  "/proc/self/exe"
