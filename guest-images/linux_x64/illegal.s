# illegal: an undefined instruction ends the program by SIGILL.
# [Intel SDM 2B, UD; man 7 signal]
# Exit status: 132, that is 128 + SIGILL
        .intel_syntax noprefix
        .globl  _start
_start: ud2
