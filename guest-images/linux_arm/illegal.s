@ illegal: a permanently undefined instruction ends the program by SIGILL.
@ [ARM ARM DDI 0406, A8.8.247 UDF; man 7 signal]
@ Exit status: 132, that is 128 + SIGILL
        .arch   armv7-a
        .globl  _start
_start: udf     #0
        mov     r7, #1                  @ exit
        mov     r0, #1
        svc     #0
