# exit: exit_group(42) never returns.
# [man 2 exit_group]
# Exit status: 42
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $v0, nr_exit_group
        li      $a0, 42
        syscall
        break
