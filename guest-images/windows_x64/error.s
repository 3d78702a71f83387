# error: a failing call answers with its status, in eax.
#   NtClose(0x1234) = STATUS_INVALID_HANDLE
# [Microsoft Learn, NtClose; MS-ERREF]
# Exit status: 0, or 1 when the status is another
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x28
        mov     ecx, 0x1234
        call    NtClose
        xor     edx, edx
        cmp     eax, 0xc0000008
        setne   dl
        exit
        stub    NtClose
        stub    NtTerminateProcess
