# unknown: a number without a call, and one of the table of win32k.sys, which bit 12 selects.
#   both = STATUS_INVALID_SYSTEM_SERVICE
# [Windows Internals, System service dispatching; MS-ERREF]
# Exit status: 0, or 1 or 2 when a status is another
        .include "calls.inc"
        .globl  start
start:  push    0x44
        push    0x33
        push    0x22
        push    0x11
        mov     eax, 0xfff
        call    ask
        mov     ecx, 1
        cmp     eax, 0xc000001c
        jne     out
        mov     eax, 0x1012
        call    ask
        mov     ecx, 2
        cmp     eax, 0xc000001c
        jne     out
        xor     ecx, ecx
out:    exit
ask:
        .if     SYSENTER
        mov     edx, 0x7ffe0300
        call    dword ptr [edx]
        .else
        lea     edx, [esp+4]
        int     0x2e
        .endif
        ret
        stub    NtTerminateProcess, 2
