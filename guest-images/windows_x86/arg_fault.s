# arg_fault: arguments that can't be read.
#   NtClose(<unreadable>) = STATUS_ACCESS_VIOLATION
# [Windows Internals, System service dispatching: arguments are copied under a handler]
# Exit status: 0, or 1 when the status is another
        .include "calls.inc"
        .globl  start
start:  .byte   0xb8                    # mov eax, number
place_NtClose: .long n.NtClose
        mov     edx, 0x10000000
        int     0x2e
        xor     ecx, ecx
        cmp     eax, 0xc0000005
        setne   cl
        exit
        record  NtClose
        stub    NtTerminateProcess, 2
