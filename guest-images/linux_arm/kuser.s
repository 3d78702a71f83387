@ kuser: the helpers that the kernel puts at fixed addresses of every ARM program.
@   0xffff0ffc version word; 0xffff0fe0 get_tls; 0xffff0fc0 cmpxchg; 0xffff0fa0 memory barrier; 0xffff0f60 cmpxchg64
@ cmpxchg answers 0 and sets the carry flag when it stored. set_tls is call 0x0f0005.
@ [Linux Documentation/arch/arm/kernel_user_helpers.rst]
@ Exit status: 0, or the number of the check that failed
        .arch   armv7-a
        .globl  _start
_start: ldr     r0, =0xffff0ffc
        ldr     r0, [r0]
        mov     r6, #1
        cmp     r0, #5                  @ cmpxchg64 came with version 5
        blt     end

        ldr     r7, =0x0f0005           @ set_tls
        ldr     r0, =0x12345678
        svc     #0
        mov     r6, #2
        cmp     r0, #0
        bne     end
        ldr     r3, =0xffff0fe0         @ get_tls
        blx     r3
        mov     r6, #3
        ldr     r1, =0x12345678
        cmp     r0, r1
        bne     end
        mrc     p15, 0, r0, c13, c0, 3  @ TPIDRURO, the same register
        mov     r6, #4
        cmp     r0, r1
        bne     end

        ldr     r3, =0xffff0fa0         @ memory barrier
        blx     r3

        mov     r4, #7
        push    {r4, r5}
        mov     r6, #5
        mov     r0, #7                  @ cmpxchg: 7 is there, 8 is stored
        mov     r1, #8
        mov     r2, sp
        ldr     r3, =0xffff0fc0
        blx     r3
        bcc     end
        cmp     r0, #0
        bne     end
        ldr     r0, [sp]
        cmp     r0, #8
        bne     end

        mov     r6, #6
        mov     r0, #7                  @ 7 isn't there, nothing is stored
        mov     r1, #9
        mov     r2, sp
        ldr     r3, =0xffff0fc0         @ the call before changed r3 and ip
        blx     r3
        bcs     end
        cmp     r0, #0
        beq     end
        ldr     r0, [sp]
        cmp     r0, #8
        bne     end

        mov     r6, #7
        ldr     r0, =0x11111111
        ldr     r1, =0x22222222
        push    {r0, r1}                @ what is there
        ldr     r0, =0x33333333
        ldr     r1, =0x44444444
        push    {r0, r1}                @ what shall be
        sub     sp, sp, #8
        ldr     r0, =0x11111111
        ldr     r1, =0x22222222
        strd    r0, r1, [sp]            @ what is expected
        mov     r0, sp
        add     r1, sp, #8
        add     r2, sp, #16
        ldr     r3, =0xffff0f60         @ cmpxchg64
        blx     r3
        bcc     end
        cmp     r0, #0
        bne     end
        ldrd    r0, r1, [sp, #16]
        ldr     r2, =0x33333333
        cmp     r0, r2
        ldreq   r2, =0x44444444
        cmpeq   r1, r2
        bne     end
        mov     r6, #0
end:    mov     r7, #1                  @ exit
        mov     r0, r6
        svc     #0
