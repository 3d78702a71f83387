# unknown: a number without a call, and one of the table of win32k.sys, which bit 12 selects.
#   both = STATUS_INVALID_SYSTEM_SERVICE
# [Windows Internals, System service dispatching; MS-ERREF]
# Exit status: 0, or 1 or 2 when a status is another
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x38
        mov     eax, 0xfff
        call    ask
        mov     ebx, 1
        cmp     eax, 0xc000001c
        jne     out
        mov     eax, 0x1012
        call    ask
        mov     ebx, 2
        cmp     eax, 0xc000001c
        jne     out
        xor     ebx, ebx
out:    mov     edx, ebx
        exit
ask:    mov     r10d, 0x11
        mov     edx, 0x22
        mov     r8d, 0x33
        mov     r9d, 0x44
        mov     qword ptr [rsp+0x28], 0x55
        mov     qword ptr [rsp+0x30], 0x66
        syscall
        ret
        stub    NtTerminateProcess
