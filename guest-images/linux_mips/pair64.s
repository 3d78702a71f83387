# pair64: a 64-bit argument takes an even and the following odd slot, high word first on big-endian, low word first on
# little-endian; the slot skipped for that is padding, and holds a value here that must never be seen.
#   pread64(0x77, sp, 0x3333, pad, 0x1122334455667788)                       at 16(sp)  = EBADF
#   ftruncate64(0x77, pad, 0x1122334455667788)                               in a2:a3   = EBADF
#   fallocate(0x77, 1, 0x1122334455667788, 0x0102030405060708)     in a2:a3, at 16(sp)  = EBADF
#   fadvise64_64(0x77, pad, 0x1122334455667788, 0x0102030405060708, 4), seven slots     = EBADF
#   pread64(/proc/self/exe, sp, 4, pad, 1)           = 4, the rest of "\177ELF" and the class
#   pread64(/proc/self/exe, sp, 4, pad, 0x100000001) = 0, past the end
# [MIPS O32 psABI, parameter passing; Linux arch/mips/kernel/linux32.c, merge_64]
# Exit status: 0, or the number of the first call above that went otherwise
        .set    noreorder

        .macro  pair high, low, first, second
        .if     BIG
        li      \first, \high
        li      \second, \low
        .else
        li      \first, \low
        li      \second, \high
        .endif
        .endm
        .macro  expect_ebadf number
        li      $s0, \number
        bne     $a3, $s7, end
        li      $t0, 9                  # EBADF
        bne     $v0, $t0, end
        nop
        .endm

        .globl  _start
_start: li      $t0, 0x4000
        subu    $sp, $sp, $t0
        li      $s7, 1
        li      $v0, 4200               # pread64
        li      $a0, 0x77
        addiu   $a1, $sp, 64
        li      $a2, 0x3333
        li      $a3, 0xbad0bad0
        pair    0x11223344, 0x55667788, $t0, $t1
        sw      $t0, 16($sp)
        sw      $t1, 20($sp)
        syscall
        expect_ebadf 1

        li      $v0, 4212               # ftruncate64
        li      $a0, 0x77
        li      $a1, 0xbad0bad0
        pair    0x11223344, 0x55667788, $a2, $a3
        syscall
        expect_ebadf 2

        li      $v0, 4320               # fallocate
        li      $a0, 0x77
        li      $a1, 1
        pair    0x11223344, 0x55667788, $a2, $a3
        pair    0x01020304, 0x05060708, $t0, $t1
        sw      $t0, 16($sp)
        sw      $t1, 20($sp)
        syscall
        expect_ebadf 3

        li      $v0, 4254               # fadvise64_64
        li      $a0, 0x77
        li      $a1, 0xbad0bad0
        pair    0x11223344, 0x55667788, $a2, $a3
        pair    0x01020304, 0x05060708, $t0, $t1
        sw      $t0, 16($sp)
        sw      $t1, 20($sp)
        li      $t0, 4
        sw      $t0, 24($sp)
        syscall
        expect_ebadf 4

        li      $v0, 4005               # open
        la      $a0, exe
        li      $a1, 0
        syscall
        move    $s1, $v0
        li      $v0, 4200               # pread64
        move    $a0, $s1
        addiu   $a1, $sp, 64
        li      $a2, 4
        li      $a3, 0xbad0bad0
        pair    0, 1, $t0, $t1
        sw      $t0, 16($sp)
        sw      $t1, 20($sp)
        syscall
        li      $s0, 5
        bnez    $a3, end
        li      $t0, 4
        bne     $v0, $t0, end
        lw      $t0, 64($sp)
        lw      $t1, header
        bne     $t0, $t1, end
        nop

        li      $v0, 4200               # pread64
        move    $a0, $s1
        addiu   $a1, $sp, 64
        li      $a2, 4
        li      $a3, 0xbad0bad0
        pair    1, 1, $t0, $t1
        sw      $t0, 16($sp)
        sw      $t1, 20($sp)
        syscall
        li      $s0, 6
        bnez    $a3, end
        nop
        bnez    $v0, end
        nop
        li      $s0, 0
end:    li      $v0, 4001               # exit
        move    $a0, $s0
        syscall
        .balign 4
header: .ascii  "ELF\1"                 # ELFCLASS32
exe:    .asciz  "/proc/self/exe"
