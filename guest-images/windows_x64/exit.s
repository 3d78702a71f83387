# exit: NtTerminateProcess(NtCurrentProcess(), 42) never returns.
# [Microsoft Learn, ZwTerminateProcess]
# Exit status: 42
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x28
        mov     edx, 42
        exit
        stub    NtTerminateProcess
