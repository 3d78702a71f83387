# args6: six arguments, and what mmap gives can be written to.
#   mmap(0, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANON, -1, 0)
# [FreeBSD mmap(2); sys/amd64/amd64/trap.c, cpu_fetch_syscall_args]
# Exit status: 0, 1 when it fails, a signal when the memory is not there
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 477                # mmap
        mov     edi, 0
        mov     esi, 4096
        mov     edx, 3                  # PROT_READ|PROT_WRITE
        mov     r10d, 0x1002            # MAP_PRIVATE|MAP_ANON
        mov     r8, -1
        mov     r9d, 0
        syscall
        mov     edi, 1
        jc      end
        mov     qword ptr [rax + 4088], 7
        mov     edi, 0
end:    mov     eax, 1                  # exit
        syscall
