# continue: NtContinue goes on where a CONTEXT says, with its registers, and never returns.
# [winnt.h, CONTEXT of AMD64: flags at 0x30, eflags 0x44, rax 0x78, rcx 0x80, rdx 0x88, rbx 0x90, rsp 0x98, r15 0xf0, rip 0xf8]
# Exit status: 9, or 1 when it returns, or 2 when a register is another
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x28
        lea     rbx, context[rip]
        mov     dword ptr [rbx+0x30], 0x100003 # CONTROL, INTEGER
        mov     dword ptr [rbx+0x44], 0x202
        mov     qword ptr [rbx+0x78], 0x33
        mov     qword ptr [rbx+0x88], 9
        mov     [rbx+0x98], rsp
        mov     qword ptr [rbx+0xf0], 0x22
        lea     rax, there[rip]
        mov     [rbx+0xf8], rax
        mov     rcx, rbx
        xor     edx, edx
        call    NtContinue
        mov     edx, 1
        exit
there:  lea     rax, [rax+r15-0x55]
        test    rax, rax
        jz      1f
        mov     edx, 2
1:      exit
        stub    NtContinue
        stub    NtTerminateProcess
        .bss
        .balign 16
context: .skip  0x4d0
