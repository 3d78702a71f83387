# memory: what calls fill. Memory is allocated, asked about, protected, freed.
# [Microsoft Learn, NtAllocateVirtualMemory: sizes are rounded up to pages, bases down to 64 KiB;
#  MEMORY_BASIC_INFORMATION has 28 bytes]
# Exit status: 0, or what is wrong
        .include "calls.inc"
        .globl  start
start:  push    4                       # PAGE_READWRITE
        push    0x3000                  # MEM_COMMIT|MEM_RESERVE
        push    offset size
        push    0
        push    offset base
        push    -1
        call    NtAllocateVirtualMemory
        mov     ecx, 1
        test    eax, eax
        jnz     out
        mov     eax, base
        mov     dword ptr [eax+0x1ffc], 5
        push    offset old
        push    2                       # PAGE_READONLY
        push    offset page
        push    offset base
        push    -1
        call    NtProtectVirtualMemory
        mov     ecx, 2
        cmp     eax, 0
        jne     out
        cmp     dword ptr old, 4
        jne     out
        push    0
        push    28
        push    offset information
        push    0                       # MemoryBasicInformation
        push    base
        push    -1
        call    NtQueryVirtualMemory
        mov     ecx, 3
        cmp     eax, 0
        jne     out
        cmp     dword ptr information+12, 0x1000
        jne     out
        push    0x8000                  # MEM_RELEASE
        push    offset zero
        push    offset base
        push    -1
        call    NtFreeVirtualMemory
        mov     ecx, 4
        test    eax, eax
        jnz     out
        push    0x8000
        push    offset zero
        push    offset base
        push    -1
        call    NtFreeVirtualMemory
        mov     ecx, 5
        cmp     eax, 0xc00000a0         # STATUS_MEMORY_NOT_ALLOCATED
        jne     out
        xor     ecx, ecx
out:    exit
        stub    NtAllocateVirtualMemory, 6
        stub    NtProtectVirtualMemory, 5
        stub    NtQueryVirtualMemory, 6
        stub    NtFreeVirtualMemory, 4
        stub    NtTerminateProcess, 2
        .data
size:   .long   0x1234
page:   .long   1
zero:   .long   0
base:   .long   0
old:    .long   0
information: .skip 28
