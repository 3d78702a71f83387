# rdhwr: set_thread_area keeps a value that `rdhwr $29` reads, from user mode too; that is where glibc finds the thread.
# [MIPS64 Architecture II-A, RDHWR: register 29, UserLocal; man 2 set_thread_area]
# Exit status: 0, or 1 when the value is another
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $v0, nr_set_thread_area
        li      $a0, 0x12345678
        syscall
        bnez    $a3, wrong
        nop
        rdhwr   $v1, $29
        li      $t0, 0x12345678
        bne     $v1, $t0, wrong
        nop
        li      $a0, 0
end:    li      $v0, nr_exit
        syscall
wrong:  li      $a0, 1
        b       end
        nop
