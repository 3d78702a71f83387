@ preserved: a call changes r0 and no other register, the flags included.
@ [Linux arch/arm/kernel/entry-header.S: restore_user_regs fast = 1 restores r1-lr and the CPSR]
@ Exit status: 0, or 1 when a register changed
        .globl  _start
_start: ldr     r1, =0x11111111
        ldr     r2, =0x22222222
        ldr     r3, =0x33333333
        ldr     r4, =0x44444444
        ldr     r5, =0x55555555
        ldr     r6, =0x66666666
        ldr     r8, =0x88888888
        ldr     r9, =0x99999999
        ldr     r10, =0xaaaaaaaa
        ldr     r11, =0xbbbbbbbb
        ldr     r12, =0xcccccccc
        ldr     lr, =0xeeeeeeee
        mov     r7, #20                 @ getpid
        cmp     r7, r7                  @ Z and C set
        svc     #0
        bne     wrong
        bcc     wrong
        cmp     r7, #20
        ldreq   r0, =0x11111111
        cmpeq   r1, r0
        ldreq   r0, =0x22222222
        cmpeq   r2, r0
        ldreq   r0, =0x33333333
        cmpeq   r3, r0
        ldreq   r0, =0x44444444
        cmpeq   r4, r0
        ldreq   r0, =0x55555555
        cmpeq   r5, r0
        ldreq   r0, =0x66666666
        cmpeq   r6, r0
        ldreq   r0, =0x88888888
        cmpeq   r8, r0
        ldreq   r0, =0x99999999
        cmpeq   r9, r0
        ldreq   r0, =0xaaaaaaaa
        cmpeq   r10, r0
        ldreq   r0, =0xbbbbbbbb
        cmpeq   r11, r0
        ldreq   r0, =0xcccccccc
        cmpeq   r12, r0
        ldreq   r0, =0xeeeeeeee
        cmpeq   lr, r0
        bne     wrong
        mov     r0, #0
end:    mov     r7, #1                  @ exit
        svc     #0
wrong:  mov     r0, #1
        b       end
