@ private: ARM's own calls, by 0x9f0000 and their number.
@   cacheflush(_start, end, 0)
@   set_tls(0x1234), and the thread's pointer is that
@ [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE; arguments in r0 to r6, result in r0]
@ [Linux arch/arm/include/uapi/asm/unistd.h: __ARM_NR_cacheflush, __ARM_NR_set_tls]
@ Exit status: 0, or 1 when the pointer is another
        .globl  _start
        .arch   armv7-a
_start: adr     r0, _start
        adr     r1, end
        mov     r2, #0
        svc     #0x9f0002
        ldr     r0, =0x1234
        svc     #0x9f0005
        mrc     p15, 0, r1, c13, c0, 3
        ldr     r2, =0x1234
        cmp     r1, r2
        moveq   r0, #0
        movne   r0, #1
end:    svc     #0x900001               @ exit
