@ oabi: the old ABI: `svc 0x900000 + number`, and the number is in no register. Here write(1, ...) and exit(0).
@ A kernel with CONFIG_OABI_COMPAT runs it. One without takes the number from r7, which holds 0x7ffe here: ENOSYS for the
@ write, ENOSYS for the exit, and the program falls into exit_group(77) by the new ABI.
@ [Linux arch/arm/include/asm/unistd-oabi.h: __NR_OABI_SYSCALL_BASE; arch/arm/kernel/entry-common.S]
@ Prints: oabi
@ Exit status: 0. A kernel without OABI_COMPAT: 77
        .globl  _start
_start: ldr     r7, =0x7ffe
        mov     r0, #1
        adr     r1, text
        mov     r2, #5
        svc     #0x900004               @ write
        mov     r0, #0
        svc     #0x900001               @ exit
        mov     r7, #248                @ exit_group
        mov     r0, #77
        svc     #0
text:   .ascii  "oabi\n"
