@ svc_imm: the number is in r7 whatever the immediate of `svc` says (code without zero bytes relies on it).
@   svc #0x123 with r7 = 4: write(1, ...); svc #0xffffff with r7 = 1: exit
@ [Linux arch/arm/kernel/entry-common.S with CONFIG_AEABI and no CONFIG_OABI_COMPAT, as Debian and most have it]
@ Prints: svc_imm
@ Exit status: 0. A kernel with OABI_COMPAT, and qemu-user, take any immediate but 0 for an old-ABI call: 132 or another.
        .globl  _start
_start: mov     r7, #4                  @ write
        mov     r0, #1
        adr     r1, text
        mov     r2, #8
        svc     #0x123
        mov     r7, #1                  @ exit
        subs    r0, r0, #8
        svc     #0xffffff
text:   .ascii  "svc_imm\n"
