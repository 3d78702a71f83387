# time: a delay of 50 ms, the wall clock before and after, and the performance counter.
# [Microsoft Learn, NtQuerySystemTime: 100 ns since 1601; KeDelayExecutionThread: a negative interval is relative]
# Exit status: 0, or what is wrong
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x28
        lea     rcx, before[rip]
        call    NtQuerySystemTime
        xor     ecx, ecx
        lea     rdx, interval[rip]
        call    NtDelayExecution
        lea     rcx, after[rip]
        call    NtQuerySystemTime
        mov     ebx, 1
        mov     rax, after[rip]
        sub     rax, before[rip]
        cmp     rax, 500000
        jb      out
        lea     rcx, counter[rip]
        lea     rdx, frequency[rip]
        call    NtQueryPerformanceCounter
        mov     ebx, 2
        test    eax, eax
        jnz     out
        cmp     qword ptr frequency[rip], 0
        je      out
        xor     ebx, ebx
out:    mov     edx, ebx
        exit
        stub    NtQuerySystemTime
        stub    NtDelayExecution
        stub    NtQueryPerformanceCounter
        stub    NtTerminateProcess
        .balign 8
interval: .quad -500000
        .bss
        .balign 8
before: .skip   8
after:  .skip   8
counter: .skip  8
frequency: .skip 8
