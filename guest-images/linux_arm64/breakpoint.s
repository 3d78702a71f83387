// breakpoint: a breakpoint with no debugger ends the program by SIGTRAP.
// [ARM ARM DDI 0487, C6.2 BRK; Linux arch/arm64/kernel/debug-monitors.c]
// Exit status: 133, that is 128 + SIGTRAP
        .globl  _start
_start: brk     #0
        mov     x8, #93                 // exit
        mov     x0, #1
        svc     #0
