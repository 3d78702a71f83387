// tls: the thread pointer is a register, tpidr_el0, that the program writes itself and a call leaves alone.
// [ELF for the Arm 64-bit Architecture, TLS; Linux Documentation/arch/arm64/cpu-feature-registers.rst]
// Exit status: 0, or 1 when the value is another
        .globl  _start
_start: ldr     x19, =0x1122334455667788
        msr     tpidr_el0, x19
        mov     x8, #172                // getpid
        svc     #0
        mrs     x0, tpidr_el0
        cmp     x0, x19
        cset    w0, ne
        mov     x8, #93                 // exit
        svc     #0
