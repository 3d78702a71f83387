# args6: all six arguments, each of another value.
#   mmap(0x11112000, 0x2222, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 0x55, 0x66000) = EBADF
# The fifth and sixth are in $8 and $9, and nothing is on the stack. The offset is in bytes.
# [MIPSpro N32 ABI Handbook, 2.1; man 2 mmap]
# Exit status: 0, or 1 when the result is another
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $v0, nr_mmap
        li      $a0, 0x11112000
        li      $a1, 0x2222
        li      $a2, 5
        li      $a3, 0x12
        li      $8, 0x55
        li      $9, 0x66000
        syscall
        xori    $v0, $v0, 9             # EBADF: nothing has descriptor 0x55
        xori    $a3, $a3, 1
        or      $a0, $v0, $a3
        sltu    $a0, $zero, $a0
        li      $v0, nr_exit
        syscall
