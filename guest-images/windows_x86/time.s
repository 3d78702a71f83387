# time: a delay of 50 ms, the wall clock before and after, and the performance counter.
# [Microsoft Learn, NtQuerySystemTime: 100 ns since 1601; KeDelayExecutionThread: a negative interval is relative]
# Exit status: 0, or what is wrong
        .include "calls.inc"
        .globl  start
start:  push    offset before
        call    NtQuerySystemTime
        push    offset interval
        push    0
        call    NtDelayExecution
        push    offset after
        call    NtQuerySystemTime
        mov     ecx, 1
        mov     eax, after
        sub     eax, before
        cmp     eax, 500000
        jb      out
        push    offset frequency
        push    offset counter
        call    NtQueryPerformanceCounter
        mov     ecx, 2
        test    eax, eax
        jnz     out
        cmp     dword ptr frequency, 0
        je      out
        xor     ecx, ecx
out:    exit
        stub    NtQuerySystemTime, 1
        stub    NtDelayExecution, 2
        stub    NtQueryPerformanceCounter, 2
        stub    NtTerminateProcess, 2
        .balign 8
interval: .quad -500000
        .bss
before: .skip   8
after:  .skip   8
counter: .skip  8
frequency: .skip 8
