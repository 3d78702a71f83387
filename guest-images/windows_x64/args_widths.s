# args_widths: of an argument of 8 or 16 bits the rest of its word does not count.
#   NtCreateEvent(…, SynchronizationEvent, TRUE), NtWaitForSingleObject(event, FALSE, [0]): it was set
#   the same again: STATUS_TIMEOUT; NtDeleteAtom(4660): success, nothing is there to delete
# [Windows: BOOLEAN has 8 bits, RTL_ATOM 16; NtWaitForSingleObject resets such an event]
# Exit status: 0, or what is wrong
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x38
        lea     rcx, handle[rip]
        mov     edx, 0x1f0003           # EVENT_ALL_ACCESS
        xor     r8d, r8d
        mov     r9d, 1                  # SynchronizationEvent
        movabs  rax, 0x5a5a5a5a5a5a5a01 # InitialState
        arg     5, rax
        call    NtCreateEvent
        mov     ebx, 1
        test    eax, eax
        jnz     out
        mov     rcx, handle[rip]
        movabs  rdx, 0x5a5a5a5a5a5a5a00 # Alertable
        lea     r8, zero[rip]
        call    NtWaitForSingleObject
        mov     ebx, 2
        test    eax, eax
        jnz     out
        mov     rcx, handle[rip]
        movabs  rdx, 0x5a5a5a5a5a5a5a00
        lea     r8, zero[rip]
        call    NtWaitForSingleObject
        mov     ebx, 3
        cmp     eax, 0x102
        jne     out
        movabs  rcx, 0x5a5a5a5a5a5a1234
        call    NtDeleteAtom
        mov     ebx, 4
        test    eax, eax                # a number that stands for itself
        jne     out
        xor     ebx, ebx
out:    mov     edx, ebx
        exit
        stub    NtCreateEvent
        stub    NtWaitForSingleObject
        stub    NtDeleteAtom
        stub    NtTerminateProcess
        .balign 8
zero:   .quad   0
        .bss
        .balign 8
handle: .skip   8
