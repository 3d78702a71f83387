# rewrite: code that was run, is written over, flushed by cacheflush(address, bytes, ICACHE), and is run again, does the
# new thing.
# [man 2 cacheflush]
# Exit status: 0, or 1 when old code ran
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $v0, nr_mmap
        li      $a0, 0
        li      $a1, 4096
        li      $a2, 7                  # PROT_READ|PROT_WRITE|PROT_EXEC
        li      $a3, 0x802              # MAP_PRIVATE|MAP_ANONYMOUS
        li      $8, -1
        li      $9, 0
        syscall
        move    $s0, $v0
        li      $t0, 0x03e00008         # jr $ra
        sw      $t0, 0($s0)
        li      $t0, 0x2402000b         # li $v0, 11
        jal     flush
        sw      $t0, 4($s0)
        jalr    $s0
        nop
        move    $s1, $v0
        li      $t0, 0x2402001f         # li $v0, 31
        jal     flush
        sw      $t0, 4($s0)
        jalr    $s0
        nop
        addu    $s1, $s1, $v0
        xori    $a0, $s1, 42
        sltu    $a0, $zero, $a0
        li      $v0, nr_exit
        syscall
flush:  li      $v0, nr_cacheflush
        move    $a0, $s0
        li      $a1, 8
        li      $a2, 1                  # ICACHE
        syscall
        jr      $ra
        nop
