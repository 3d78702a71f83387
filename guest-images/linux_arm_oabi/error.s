@ error: a failing call answers with its errno, negative, in r0.
@   open("/nonexistent", O_RDONLY) = -ENOENT
@ [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE; arguments in r0 to r6, result in r0]
@ Exit status: 0, or 1 when the result is another
        .globl  _start
_start: adr     r0, path
        mov     r1, #0
        svc     #0x900005               @ open
        cmn     r0, #2                  @ ENOENT
        moveq   r0, #0
        movne   r0, #1
        svc     #0x900001               @ exit
path:   .asciz  "/nonexistent"
