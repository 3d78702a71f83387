// preserved: a call changes x0 and no other register, the flags included.
// [Linux arch/arm64/kernel/entry.S: kernel_entry saves x0-x30, kernel_exit restores them]
// Exit status: 0, or 1 when a register changed
        .globl  _start
_start:
        .irp    n, 1,2,3,4,5,6,7,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        mov     x\n, #0x1000 + \n
        .endr
        mov     x8, #172                // getpid
        cmp     x8, x8                  // Z and C set
        svc     #0
        b.ne    wrong
        b.lo    wrong
        cmp     x8, #172
        b.ne    wrong
        .irp    n, 1,2,3,4,5,6,7,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        mov     x0, #0x1000 + \n
        cmp     x\n, x0
        b.ne    wrong
        .endr
        mov     x0, #0
end:    mov     x8, #93                 // exit
        svc     #0
wrong:  mov     x0, #1
        b       end
