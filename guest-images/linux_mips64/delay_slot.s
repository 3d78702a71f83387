# delay_slot: a `syscall` in the delay slot of a branch. The exception's return address is then the branch's, and Linux, which
# never looks at that, goes on 4 bytes after it: at the `syscall` once more. So the call is made twice, the second
# time with its own result for a number, and the branch is not taken.
#   getpid() in the slot of `b target` = a pid; then the call with that pid as its number = ENOSYS; then straight on
# [MIPS64 Architecture III, EPC and Cause.BD; Linux arch/mips/kernel/scall64-n64.S, scall64-n32.S: EPC + 4, as in O32, where it was seen]
# Exit status: 0 as on Linux; 1 when the program went on at the branch target, after one call;
# 2 when it went on behind the slot after one call (qemu-user); 3 for anything else
        .include "linux_mips64/calls.inc"
        .set    noreorder
        .globl  _start
_start: li      $v0, nr_getpid
        syscall
        move    $s2, $v0

        li      $s1, 0
        li      $v0, nr_getpid
        b       target
        syscall
        li      $s1, 2                  # behind the slot
target: li      $t0, 1
        bne     $a3, $t0, once
        li      $t0, 89                 # ENOSYS
        bne     $v0, $t0, other
        li      $t0, 2
        bne     $s1, $t0, other
        li      $a0, 0
        b       end
        nop
once:   bne     $v0, $s2, other
        li      $a0, 1
        beqz    $s1, end
        nop
        b       end
        li      $a0, 2
other:  li      $a0, 3
end:    li      $v0, nr_exit
        syscall
