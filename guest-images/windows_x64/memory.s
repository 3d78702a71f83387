# memory: what calls fill. Memory is allocated, asked about, protected, freed.
# [Microsoft Learn, NtAllocateVirtualMemory: sizes are rounded up to pages, bases down to 64 KiB;
#  MEMORY_BASIC_INFORMATION has 48 bytes]
# Exit status: 0, or what is wrong
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x38
        mov     rcx, -1
        lea     rdx, base[rip]
        xor     r8d, r8d
        lea     r9, size[rip]
        arg     5, 0x3000               # MEM_COMMIT|MEM_RESERVE
        arg     6, 4                    # PAGE_READWRITE
        call    NtAllocateVirtualMemory
        mov     ebx, 1
        test    eax, eax
        jnz     out
        mov     rax, base[rip]
        mov     dword ptr [rax+0x1ffc], 5
        mov     rcx, -1
        lea     rdx, base[rip]
        lea     r8, page[rip]
        mov     r9d, 2                  # PAGE_READONLY
        lea     rax, old[rip]
        arg     5, rax
        call    NtProtectVirtualMemory
        mov     ebx, 2
        test    eax, eax
        jnz     out
        cmp     dword ptr old[rip], 4
        jne     out
        mov     rcx, -1
        mov     rdx, base[rip]
        xor     r8d, r8d                # MemoryBasicInformation
        lea     r9, information[rip]
        arg     5, 48
        arg     6, 0
        call    NtQueryVirtualMemory
        mov     ebx, 3
        test    eax, eax
        jnz     out
        cmp     qword ptr information[rip+24], 0x1000
        jne     out
        mov     rcx, -1
        lea     rdx, base[rip]
        lea     r8, zero[rip]
        mov     r9d, 0x8000             # MEM_RELEASE
        call    NtFreeVirtualMemory
        mov     ebx, 4
        test    eax, eax
        jnz     out
        mov     rcx, -1
        lea     rdx, base[rip]
        lea     r8, zero[rip]
        mov     r9d, 0x8000
        call    NtFreeVirtualMemory
        mov     ebx, 5
        cmp     eax, 0xc00000a0         # STATUS_MEMORY_NOT_ALLOCATED
        jne     out
        xor     ebx, ebx
out:    mov     edx, ebx
        exit
        stub    NtAllocateVirtualMemory
        stub    NtProtectVirtualMemory
        stub    NtQueryVirtualMemory
        stub    NtFreeVirtualMemory
        stub    NtTerminateProcess
        .data
        .balign 8
size:   .quad   0x1234
page:   .quad   1
zero:   .quad   0
base:   .quad   0
old:    .quad   0
information: .skip 48
