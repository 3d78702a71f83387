# delay_slot_store: a store or a load in the delay slot of a branch, to a page that is touched for the first time: it is made
# once, and the branch goes where it should, taken or not, and with `jal` to the right return address.
# [MIPS32 Architecture I, delay slots: the exception's return address is the branch's, which runs again]
# Exit status: 0, or the number of the check that failed
        .set    noreorder
        .globl  _start
_start: addiu   $sp, $sp, -32
        li      $v0, 4210               # mmap2
        li      $a0, 0
        li      $a1, 0x10000
        li      $a2, 3                  # PROT_READ|PROT_WRITE
        li      $a3, 0x802              # MAP_PRIVATE|MAP_ANONYMOUS
        li      $t0, -1
        sw      $t0, 16($sp)
        sw      $zero, 20($sp)
        syscall
        li      $s0, 1
        bnez    $a3, end
        move    $s1, $v0
        li      $s2, 42

        li      $s0, 2                  # a branch that is taken
        b       1f
        sw      $s2, 0($s1)
        b       end
        nop
1:      lw      $t0, 0($s1)
        bne     $t0, $s2, end
        nop

        li      $s0, 3                  # a branch that is not
        bnez    $zero, end
        sw      $s2, 0x1000($s1)
        lw      $t0, 0x1000($s1)
        bne     $t0, $s2, end
        nop

        li      $s0, 4                  # a call: the function stores where the slot's load told it
        li      $t1, 0x2000
        addu    $t1, $t1, $s1
        jal     store
        lw      $t0, 0($t1)             # zero
        lw      $t0, 0x2000($s1)
        bne     $t0, $s2, end
        nop

        li      $s0, 5                  # a loop through fresh pages: its counter counts each of them once
        li      $t1, 0x4000
        addu    $t1, $t1, $s1
        li      $t2, 0
        li      $t3, 8
2:      addiu   $t2, $t2, 1
        addiu   $t1, $t1, 0x1000
        bne     $t2, $t3, 2b
        sw      $t2, -0x1000($t1)
        bne     $t2, $t3, end
        nop
        lw      $t0, -0x1000($t1)
        bne     $t0, $t3, end
        nop
        lw      $t0, -0x8000($t1)
        li      $t2, 1
        bne     $t0, $t2, end
        nop

        li      $s0, 6                  # a branch that cancels its slot when it isn't taken
        li      $t1, 0xc000
        addu    $t1, $t1, $s1
        bnel    $zero, $zero, end
        sw      $s2, 0($t1)
        lw      $t0, 0($t1)
        bnez    $t0, end
        nop
        li      $t1, 0xd000
        addu    $t1, $t1, $s1
        beql    $zero, $zero, 3f
        sw      $s2, 0($t1)
        b       end
        nop
3:      lw      $t0, 0($t1)
        bne     $t0, $s2, end
        nop
        li      $s0, 0
end:    li      $v0, 4001               # exit
        move    $a0, $s0
        syscall
store:  addu    $t0, $t0, $s2
        jr      $ra
        sw      $t0, 0($t1)
