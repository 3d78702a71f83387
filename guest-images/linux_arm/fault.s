@ fault: a store through a null pointer ends the program by SIGSEGV.
@ [man 7 signal]
@ Exit status: 139, that is 128 + SIGSEGV
        .globl  _start
_start: mov     r0, #0
        str     r0, [r0]
        mov     r7, #1                  @ exit
        mov     r0, #1
        svc     #0
