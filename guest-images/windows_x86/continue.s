# continue: NtContinue goes on where a CONTEXT says, with its registers, and never returns.
# [winnt.h, CONTEXT of x86: flags at 0, edi at 0x9c … eax at 0xb0, ebp 0xb4, eip 0xb8, eflags 0xc0, esp 0xc4]
# Exit status: 9, or 1 when it returns, or 2 when a register is another
        .include "calls.inc"
        .globl  start
start:  mov     dword ptr context, 0x10003 # CONTROL, INTEGER
        mov     dword ptr context+0xa4, 0x22
        mov     dword ptr context+0xac, 9
        mov     dword ptr context+0xb0, 0x33
        mov     dword ptr context+0xb8, offset there
        mov     dword ptr context+0xc0, 0x202
        mov     dword ptr context+0xc4, esp
        push    0
        push    offset context
        call    NtContinue
        mov     ecx, 1
        exit
there:  lea     eax, [eax+ebx-0x55]
        test    eax, eax
        jz      1f
        mov     ecx, 2
1:      exit
        stub    NtContinue, 2
        stub    NtTerminateProcess, 2
        .bss
context: .skip  0x2cc
