// fault: a store through a null pointer ends the program by SIGSEGV.
// [man 7 signal]
// Exit status: 139, that is 128 + SIGSEGV
        .globl  _start
_start: mov     x0, #0
        str     x0, [x0]
        mov     x8, #93                 // exit
        mov     x0, #1
        svc     #0
