# hello: NtWriteFile to the standard output that the process's parameters name, and NtTerminateProcess.
# [TEB at gs:0x30, PEB at 0x60 of it, ProcessParameters at 0x20, StandardOutput at 0x28: winternl.h, phnt]
# Prints: hello from windows_x64
# Exit status: 0
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x58
        mov     rax, gs:[0x30]
        mov     rax, [rax+0x60]
        mov     rax, [rax+0x20]
        mov     rcx, [rax+0x28]
        xor     edx, edx                # Event
        xor     r8d, r8d
        xor     r9d, r9d
        lea     rax, io_status[rip]
        arg     5, rax
        lea     rax, text[rip]
        arg     6, rax
        arg     7, text_end-text
        arg     8, 0                    # ByteOffset
        arg     9, 0                    # Key
        call    NtWriteFile
        mov     edx, eax
        exit
text:   .ascii  "hello from windows_x64\n"
text_end:
        stub    NtWriteFile
        stub    NtTerminateProcess
        .bss
io_status: .skip 16
