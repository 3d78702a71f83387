@ breakpoint: a breakpoint with no debugger ends the program by SIGTRAP.
@ [ARM ARM DDI 0406, A8.8.24 BKPT; Linux arch/arm/kernel/hw_breakpoint.c, ptrace.c]
@ Exit status: 133, that is 128 + SIGTRAP. An ARMv6 without debug hardware: 135, SIGBUS.
        .arch   armv7-a
        .globl  _start
_start: bkpt    #0
        mov     r7, #1                  @ exit
        mov     r0, #1
        svc     #0
