# stack_fault: the stack arguments of a call can't be read.
#   1  sp in the kernel's half, 0x80001000: EFAULT, from any call, of whatever number of arguments
#   2  sp on a page where nothing is mapped, 0x1000: each argument that can't be read is 0, and the call is made
#      _llseek(/proc/self/exe, 0, 5, result, unreadable) = 0, at 5: the unreadable fifth was SEEK_SET
# [Linux arch/mips/kernel/scall32-o32.S: bad_stack for 1, bad_stack_a4 for 2. Seen on Linux 6.1. In Linux 3.1, 2 was EFAULT too.]
# Exit status: 0 as on Linux 6.1; else the sum of: 1 when getpid in case 1 isn't EFAULT, 2 when _llseek in case 1 isn't,
# 4 when _llseek in case 2 failed with EFAULT, 8 when it answered anything else. qemu-user: 5.
        .set    noreorder
        .globl  _start
_start: addiu   $sp, $sp, -32
        move    $s6, $sp
        li      $s0, 0
        li      $v0, 4005               # open
        la      $a0, exe
        li      $a1, 0
        syscall
        move    $s1, $v0

        lui     $sp, 0x8000
        ori     $sp, $sp, 0x1000
        li      $v0, 4020               # getpid
        syscall
        li      $t0, 1
        bne     $a3, $t0, 1f
        li      $t0, 14                 # EFAULT
        beq     $v0, $t0, 2f
        nop
1:      ori     $s0, $s0, 1

2:      li      $v0, 4140               # _llseek
        move    $a0, $s1
        li      $a1, 0
        li      $a2, 5
        addiu   $a3, $s6, 24
        syscall
        li      $t0, 1
        bne     $a3, $t0, 3f
        li      $t0, 14                 # EFAULT
        beq     $v0, $t0, 4f
        nop
3:      ori     $s0, $s0, 2

4:      li      $sp, 0x1000
        li      $v0, 4140               # _llseek
        move    $a0, $s1
        li      $a1, 0
        li      $a2, 5
        addiu   $a3, $s6, 24
        syscall
        bnez    $a3, 5f
        move    $sp, $s6
        .if     BIG
        lw      $t0, 28($sp)
        .else
        lw      $t0, 24($sp)
        .endif
        li      $t1, 5
        beq     $t0, $t1, 7f
        nop
        b       6f
        nop
5:      li      $t0, 14                 # EFAULT
        bne     $v0, $t0, 6f
        nop
        b       7f
        ori     $s0, $s0, 4
6:      ori     $s0, $s0, 8
7:      li      $v0, 4001               # exit
        move    $a0, $s0
        syscall
exe:    .asciz  "/proc/self/exe"
