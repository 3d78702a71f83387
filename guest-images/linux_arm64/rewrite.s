// rewrite: code that was run, is written over, flushed from the caches, and is run again, does the new thing. Programs
// may do that themselves: dc cvau and ic ivau work without the kernel, with the line sizes of ctr_el0.
// [ARM ARM DDI 0487, B2.7.4; Linux arch/arm64: SCTLR_EL1.UCI and UCT are set]
// Exit status: 0, or 1 when old code ran
        .globl  _start
_start: mov     x8, #222                // mmap
        mov     x0, #0
        mov     x1, #4096
        mov     x2, #7                  // PROT_READ|PROT_WRITE|PROT_EXEC
        mov     x3, #0x22               // MAP_PRIVATE|MAP_ANONYMOUS
        mov     x4, #-1
        mov     x5, #0
        svc     #0
        mov     x19, x0
        mrs     x1, ctr_el0
        ldr     w1, =0x52800160         // mov w0, #11
        ldr     w2, =0xd65f03c0         // ret
        stp     w1, w2, [x19]
        bl      flush
        blr     x19
        mov     w20, w0
        ldr     w1, =0x528003e0         // mov w0, #31
        str     w1, [x19]
        bl      flush
        blr     x19
        add     w20, w20, w0
        cmp     w20, #42
        cset    w0, ne
        mov     x8, #93                 // exit
        svc     #0
flush:  dc      cvau, x19
        dsb     ish
        ic      ivau, x19
        dsb     ish
        isb
        ret
