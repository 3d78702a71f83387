# exit: NtTerminateProcess(NtCurrentProcess(), 42) never returns.
# [Microsoft Learn, ZwTerminateProcess]
# Exit status: 42
        .include "calls.inc"
        .globl  start
start:  mov     ecx, 42
        exit
        stub    NtTerminateProcess, 2
