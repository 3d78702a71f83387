# rewrite: code that was run, is written over, and is run again, does the new thing.
# [Intel SDM 3A 8.1.3: a jump is enough on one processor]
# Exit status: 0, or 1 when old code ran
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 9                  # mmap
        mov     edi, 0
        mov     esi, 4096
        mov     edx, 7                  # PROT_READ|PROT_WRITE|PROT_EXEC
        mov     r10d, 0x22              # MAP_PRIVATE|MAP_ANONYMOUS
        mov     r8, -1
        mov     r9d, 0
        syscall
        mov     rbx, rax
        mov     byte ptr [rbx], 0xb8    # mov eax, imm32
        mov     dword ptr [rbx + 1], 11
        mov     byte ptr [rbx + 5], 0xc3        # ret
        call    rbx
        mov     r12d, eax
        mov     dword ptr [rbx + 1], 31
        call    rbx
        add     eax, r12d
        xor     edi, edi
        cmp     eax, 42
        setne   dil
        mov     eax, 60                 # exit
        syscall
