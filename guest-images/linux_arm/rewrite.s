@ rewrite: code that was run, is written over, flushed by cacheflush(start, end, 0), and is run again, does the new thing.
@ [Linux arch/arm/kernel/traps.c: arm_syscall, cacheflush 0x0f0002]
@ Exit status: 0, or 1 when old code ran
        .arch   armv7-a
        .globl  _start
_start: mov     r7, #192                @ mmap2
        mov     r0, #0
        mov     r1, #4096
        mov     r2, #7                  @ PROT_READ|PROT_WRITE|PROT_EXEC
        mov     r3, #0x22               @ MAP_PRIVATE|MAP_ANONYMOUS
        mvn     r4, #0
        mov     r5, #0
        svc     #0
        mov     r8, r0
        ldr     r1, =0xe3a0000b         @ mov r0, #11
        ldr     r2, =0xe12fff1e         @ bx lr
        stm     r8, {r1, r2}
        bl      flush
        blx     r8
        mov     r9, r0
        ldr     r1, =0xe3a0001f         @ mov r0, #31
        str     r1, [r8]
        bl      flush
        blx     r8
        add     r9, r9, r0
        cmp     r9, #42
        moveq   r0, #0
        movne   r0, #1
        mov     r7, #1                  @ exit
        svc     #0
flush:  ldr     r7, =0x0f0002           @ cacheflush
        mov     r0, r8
        add     r1, r8, #8
        mov     r2, #0
        svc     #0
        bx      lr
