# error: a failing call answers with its status, in eax.
#   NtClose(0x1234) = STATUS_INVALID_HANDLE
# [Microsoft Learn, NtClose; MS-ERREF]
# Exit status: 0, or 1 when the status is another
        .include "calls.inc"
        .globl  start
start:  push    0x1234
        call    NtClose
        xor     ecx, ecx
        cmp     eax, 0xc0000008
        setne   cl
        exit
        stub    NtClose, 1
        stub    NtTerminateProcess, 2
