# args7: the seventh argument is on the stack, above a return address.
#   sendfile(1, 2, 3, 4, 5, 6, 7)
# [FreeBSD sys/amd64/amd64/trap.c, cpu_fetch_syscall_args: arguments beyond the registers lie behind the word at rsp]
# Exit status: 0
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 393                # sendfile
        mov     edi, 1
        mov     esi, 2
        mov     edx, 3
        mov     r10d, 4
        mov     r8d, 5
        mov     r9d, 6
        push    7
        push    0x1234                  # the return address
        syscall
        mov     eax, 1                  # exit
        mov     edi, 0
        syscall
