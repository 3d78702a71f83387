@ thumb: calls from Thumb code, with immediate 0 and another; the program goes on in Thumb. The entry point is odd, so the
@ program starts in Thumb state. A store inside an IT block to a page touched for the first time is made once, and the
@ block goes on where it was; instructions of the other condition don't run.
@ [ARM ARM DDI 0406, A2.5.2 IT state; ELF for the Arm Architecture, 5.1: e_entry bit 0; man 2 syscall]
@ Prints: thumb
@ Exit status: 0, or the number of the check that failed
        .syntax unified
        .arch   armv7-a
        .thumb
        .globl  _start
        .type   _start, %function
_start: movs    r7, #4                  @ write
        movs    r0, #1
        adr     r1, text
        movs    r2, #6
        svc     #1
        movs    r6, #1
        cmp     r0, #6
        bne     end

        movs    r7, #192                @ mmap2: two fresh pages
        movs    r0, #0
        mov     r1, #8192
        movs    r2, #3                  @ PROT_READ|PROT_WRITE
        movs    r3, #0x22               @ MAP_PRIVATE|MAP_ANONYMOUS
        mov     r4, #-1
        movs    r5, #0
        svc     #0
        mov     r8, r0
        add     r9, r8, #4096

        movs    r2, #40
        cmp     r8, r8
        ittt    eq
        streq   r2, [r8]                @ the page's first touch
        addeq   r2, r2, #1
        addeq   r2, r2, #1
        movs    r6, #2
        cmp     r2, #42
        bne     end
        ldr     r1, [r8]
        movs    r6, #3
        cmp     r1, #40
        bne     end

        movs    r1, #0
        cmp     r8, r9
        itete   eq
        moveq   r1, #1
        strne   r2, [r9]                @ the other page's first touch
        addeq   r1, r1, #2
        addne   r1, r1, #4
        movs    r6, #4
        cmp     r1, #4
        bne     end
        ldr     r1, [r9]
        movs    r6, #5
        cmp     r1, #42
        bne     end

        adr     r0, in_arm              @ to ARM and back
        bx      r0
back:   movs    r6, #6
        cmp     r0, r8
        bne     end
        movs    r6, #0
end:    movs    r7, #1                  @ exit
        mov     r0, r6
        svc     #0
        .balign 4
text:   .ascii  "thumb\n"

        .arm
        .balign 4
in_arm: mov     r7, #20                 @ getpid
        svc     #0
        mov     r8, r0
        svc     #0
        adr     r1, back + 1
        bx      r1
