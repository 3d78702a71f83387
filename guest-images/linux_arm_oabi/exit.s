@ exit: the status of exit is the process's.
@ [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE; arguments in r0 to r6, result in r0]
@ Exit status: 42
        .globl  _start
_start: mov     r0, #42
        svc     #0x900001               @ exit
