@ args6: all six arguments, each of another value.
@   mmap2(0x11112000, 0x2222, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 0x55, 0x66) = -EBADF
@ mmap2 counts its offset in units of 4096: 0x66 is byte 0x66000.
@ [Linux ARM EABI: the fifth and sixth are in r4 and r5; arch/arm/kernel/entry-common.S. man 2 mmap2]
@ Exit status: 0, or 1 when the result is another
        .globl  _start
_start: mov     r7, #192                @ mmap2
        ldr     r0, =0x11112000
        ldr     r1, =0x2222
        mov     r2, #5
        mov     r3, #0x12
        mov     r4, #0x55
        mov     r5, #0x66
        svc     #0
        cmn     r0, #9                  @ EBADF: nothing has descriptor 0x55
        moveq   r0, #0
        movne   r0, #1
        mov     r7, #1                  @ exit
        svc     #0
