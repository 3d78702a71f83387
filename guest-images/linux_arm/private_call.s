@ private_call: ARM's own calls count from 0x0f0000: breakpoint 1, cacheflush 2, usr26 3, usr32 4, set_tls 5, get_tls 6.
@ A number of theirs that isn't used answers ENOSYS up to 0x0f07ff, and is SIGILL above.
@   set_tls(0x12345678) = 0; get_tls() = 0x12345678; 0x0f0007 = -ENOSYS; 0x0f0800 kills
@ [Linux arch/arm/kernel/traps.c: arm_syscall]
@ Exit status: 132, that is 128 + SIGILL; 1 to 4 when one of the four went otherwise.
        .globl  _start
_start: ldr     r7, =0x0f0005           @ set_tls
        ldr     r0, =0x12345678
        svc     #0
        mov     r6, #1
        cmp     r0, #0
        bne     end

        ldr     r7, =0x0f0006           @ get_tls
        svc     #0
        mov     r6, #2
        ldr     r1, =0x12345678
        cmp     r0, r1
        bne     end

        ldr     r7, =0x0f0007
        svc     #0
        mov     r6, #3
        cmn     r0, #38                 @ ENOSYS
        bne     end

        ldr     r7, =0x0f0800
        svc     #0
        mov     r6, #4
end:    mov     r7, #1                  @ exit
        mov     r0, r6
        svc     #0
