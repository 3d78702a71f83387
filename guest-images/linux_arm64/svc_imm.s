// svc_imm: the number is in x8 whatever the immediate of `svc` says (code without zero bytes relies on it).
//   svc #7 with x8 = 64: write(1, ...); svc #0xffff with x8 = 93: exit
// [Linux arch/arm64/kernel/syscall.c: do_el0_svc reads regs->regs[8]]
// Prints: svc_imm
// Exit status: 0, or 1 when the write failed
        .globl  _start
_start: mov     x8, #64                 // write
        mov     x0, #1
        adr     x1, text
        mov     x2, #8
        svc     #7
        cmp     x0, #8
        cset    w0, ne
        mov     x8, #93                 // exit
        svc     #0xffff
text:   .ascii  "svc_imm\n"
