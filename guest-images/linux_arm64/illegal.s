// illegal: a permanently undefined instruction ends the program by SIGILL.
// [ARM ARM DDI 0487, C6.2 UDF; man 7 signal]
// Exit status: 132, that is 128 + SIGILL
        .globl  _start
_start: udf     #0
        mov     x8, #93                 // exit
        mov     x0, #1
        svc     #0
