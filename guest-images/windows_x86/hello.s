# hello: NtWriteFile to the standard output that the process's parameters name, and NtTerminateProcess.
# [TEB at fs:0x18, PEB at 0x30 of it, ProcessParameters at 0x10, StandardOutput at 0x1c: winternl.h, phnt]
# Prints: hello from windows_x86
# Exit status: 0
        .include "calls.inc"
        .globl  start
start:  mov     eax, fs:[0x18]
        mov     eax, [eax+0x30]
        mov     eax, [eax+0x10]
        mov     eax, [eax+0x1c]
        push    0                       # Key
        push    0                       # ByteOffset
        push    offset text_end - text
        push    offset text
        push    offset io_status
        push    0
        push    0
        push    0                       # Event
        push    eax
        call    NtWriteFile
        mov     ecx, eax
        exit
text:   .ascii  "hello from windows_x86\n"
text_end:
        stub    NtWriteFile, 9
        stub    NtTerminateProcess, 2
        .bss
io_status: .skip 8
