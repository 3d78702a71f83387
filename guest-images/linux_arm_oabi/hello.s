@ hello: write(1, ...) and exit(0) by the old ABI: `svc 0x900000 + number`, and the number is in no register.
@ [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE; arguments in r0 to r6, result in r0]
@ Prints: hello from linux_arm_oabi
@ Exit status: 0
        .globl  _start
_start: mov     r0, #1
        adr     r1, text
        mov     r2, #text_end - text
        svc     #0x900004               @ write
        mov     r0, #0
        svc     #0x900001               @ exit
text:   .ascii  "hello from linux_arm_oabi\n"
text_end:
