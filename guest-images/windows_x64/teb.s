# teb: the blocks of thread and process.
# [winternl.h and phnt: TEB at gs:0x30, StackBase 8, StackLimit 0x10, PEB 0x60; PEB: ImageBaseAddress 0x10,
#  ProcessParameters 0x20]
# Exit status: 0, or what is wrong
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x28
        mov     rax, gs:[0x30]
        mov     edx, 1
        cmp     rax, [rax+0x30]
        jne     out
        mov     edx, 2
        cmp     rsp, [rax+8]
        jae     out
        cmp     rsp, [rax+0x10]
        jb      out
        mov     edx, 3
        mov     rax, gs:[0x60]
        movabs  rcx, 0x140000000
        cmp     [rax+0x10], rcx
        jne     out
        mov     edx, 4
        mov     rax, [rax+0x20]
        cmp     word ptr [rax+0x70], 6  # CommandLine
        jb      out
        xor     edx, edx
out:    exit
        stub    NtTerminateProcess
