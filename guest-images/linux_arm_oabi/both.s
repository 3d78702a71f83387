@ both: a program of the old ABI may make calls of the new one.
@   write(1, "new\n", 4) by r7; exit(0) by the old one
@ [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE; arguments in r0 to r6, result in r0]
@ [Linux arch/arm/kernel/entry-common.S, CONFIG_OABI_COMPAT: an immediate of 0 means the new ABI]
@ Prints: new
@ Exit status: 0
        .globl  _start
_start: mov     r0, #1
        adr     r1, text
        mov     r2, #4
        mov     r7, #4
        svc     #0                      @ write
        mov     r0, #0
        svc     #0x900001               @ exit
text:   .ascii  "new\n"
