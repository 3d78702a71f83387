# error: a failing call sets the carry flag and answers with its errno, positive, in rax; one that succeeds clears it.
#   open("/nonexistent", O_RDONLY) = ENOENT, carry
#   getpid()                       = no carry
# [FreeBSD Developers' Handbook, 11.3.2; sys/amd64/amd64/vm_machdep.c, cpu_set_syscall_retval]
# Exit status: 0, or the number of the call above that went otherwise
        .intel_syntax noprefix
        .globl  _start
_start: clc
        mov     eax, 5                  # open
        mov     edi, offset path
        mov     esi, 0
        syscall
        mov     edi, 1
        jnc     end
        cmp     rax, 2                  # ENOENT
        jne     end
        stc
        mov     eax, 20                 # getpid
        syscall
        mov     edi, 2
        jc      end
        mov     edi, 0
end:    mov     eax, 1                  # exit
        syscall
path:   .asciz  "/nonexistent"
