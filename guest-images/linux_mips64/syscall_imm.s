# syscall_imm: the number is in v0 whatever the code of `syscall` says (code without zero bytes relies on it).
#   syscall 0x40404 with v0 = write: write(1, ...); syscall 0xfffff with v0 = exit: exit
# [MIPS64 Architecture II-A, SYSCALL: the code field is for software; Linux never reads it]
# Prints: syscall_imm
# Exit status: 0, or 1 when the write failed
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $v0, nr_write
        li      $a0, 1
        address $a1, text
        li      $a2, 12
        syscall 0x40404
        xori    $a0, $v0, 12
        or      $a0, $a0, $a3
        sltu    $a0, $zero, $a0
        li      $v0, nr_exit
        syscall 0xfffff
text:   .ascii  "syscall_imm\n"
