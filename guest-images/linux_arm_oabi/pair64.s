@ pair64: a 64-bit offset takes the next two registers, aligned or not, low word first.
@   pread64(-1, sp, 16, 0x123456789) = -EBADF
@ [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE; arguments in r0 to r6, result in r0]
@ [Linux arch/arm/kernel/sys_oabi-compat.c; the old ABI of GCC aligns no pairs]
@ Exit status: 0, or 1 when the result is another
        .globl  _start
_start: mvn     r0, #0
        mov     r1, sp
        mov     r2, #16
        ldr     r3, =0x23456789
        mov     r4, #1
        svc     #0x9000b4               @ pread64
        cmn     r0, #9                  @ EBADF
        moveq   r0, #0
        movne   r0, #1
        svc     #0x900001               @ exit
