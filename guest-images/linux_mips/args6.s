# args6: all six arguments, each of another value.
#   mmap2(0x11112000, 0x2222, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 0x55, 0x66) = EBADF
# The fifth and sixth are at 16(sp) and 20(sp), above the home slots of a0-a3, which hold other values here.
# mmap2 counts its offset in units of 4096: 0x66 is byte 0x66000.
# [MIPS O32 psABI, argument area; Linux arch/mips/kernel/scall32-o32.S: stackargs. man 2 mmap2]
# Exit status: 0, or 1 when the result is another
        .set    noreorder
        .globl  _start
_start: addiu   $sp, $sp, -32
        li      $t0, 0xbad0bad0
        sw      $t0, 0($sp)
        sw      $t0, 4($sp)
        sw      $t0, 8($sp)
        sw      $t0, 12($sp)
        li      $v0, 4210               # mmap2
        li      $a0, 0x11112000
        li      $a1, 0x2222
        li      $a2, 5
        li      $a3, 0x12
        li      $t0, 0x55
        sw      $t0, 16($sp)
        li      $t0, 0x66
        sw      $t0, 20($sp)
        syscall
        xori    $v0, $v0, 9             # EBADF: nothing has descriptor 0x55
        xori    $a3, $a3, 1
        or      $a0, $v0, $a3
        sltu    $a0, $zero, $a0
        li      $v0, 4001               # exit
        syscall
