# args_widths: of an argument of 8 or 16 bits the rest of its word does not count.
#   NtCreateEvent(…, SynchronizationEvent, TRUE), NtWaitForSingleObject(event, FALSE, [0]): it was set
#   the same again: STATUS_TIMEOUT; NtDeleteAtom(4660): success, nothing is there to delete
# [Windows: BOOLEAN has 8 bits, RTL_ATOM 16; NtWaitForSingleObject resets such an event]
# Exit status: 0, or what is wrong
        .include "calls.inc"
        .globl  start
start:  push    0x5a5a5a01              # InitialState
        push    1                       # SynchronizationEvent
        push    0
        push    0x1f0003                # EVENT_ALL_ACCESS
        push    offset handle
        call    NtCreateEvent
        mov     ecx, 1
        test    eax, eax
        jnz     out
        push    offset zero
        push    0x5a5a5a00              # Alertable
        push    handle
        call    NtWaitForSingleObject
        mov     ecx, 2
        test    eax, eax
        jnz     out
        push    offset zero
        push    0x5a5a5a00
        push    handle
        call    NtWaitForSingleObject
        mov     ecx, 3
        cmp     eax, 0x102
        jne     out
        push    0x5a5a1234
        call    NtDeleteAtom
        mov     ecx, 4
        test    eax, eax                # a number that stands for itself
        jne     out
        xor     ecx, ecx
out:    exit
        stub    NtCreateEvent, 5
        stub    NtWaitForSingleObject, 3
        stub    NtDeleteAtom, 1
        stub    NtTerminateProcess, 2
        .balign 8
zero:   .quad   0
        .bss
handle: .skip   4
