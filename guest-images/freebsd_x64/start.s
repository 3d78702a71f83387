# start: rdi points to the argument count at the start, and the stack pointer is 8 above a multiple of 16.
# [FreeBSD sys/amd64/amd64/exec_machdep.c, exec_setregs]
# Exit status: 0, or 1
        .intel_syntax noprefix
        .globl  _start
_start: mov     rbx, rdi
        mov     rax, rsp
        and     eax, 15
        mov     edi, 1
        cmp     eax, 8
        jne     end
        cmp     qword ptr [rbx], 1      # argc
        jne     end
        cmp     qword ptr [rbx + 16], 0 # argv[1]
        jne     end
        mov     edi, 0
end:    mov     eax, 1                  # exit
        syscall
