@ unaligned: words and halves at odd addresses are loaded and stored by the CPU itself (ARMv6 and later).
@ [ARM ARM DDI 0406, A3.2.1: SCTLR.A is 0; Linux arch/arm/mm/alignment.c]
@ Exit status: 0, or the number of the check that failed
        .arch   armv7-a
        .globl  _start
_start: sub     sp, sp, #32
        ldr     r0, =0x11223344
        ldr     r1, =0x55667788
        stm     sp, {r0, r1}
        mov     r6, #1
        ldr     r0, [sp, #1]
        ldr     r1, =0x88112233
        cmp     r0, r1
        bne     end
        mov     r6, #2
        ldrh    r0, [sp, #3]
        ldr     r1, =0x8811
        cmp     r0, r1
        bne     end
        mov     r6, #3
        ldr     r0, =0x0a0b0c0d
        str     r0, [sp, #9]
        ldr     r1, [sp, #9]
        cmp     r0, r1
        bne     end
        mov     r6, #0
end:    mov     r7, #1                  @ exit
        mov     r0, r6
        svc     #0
