# thread_pointer: sysarch(AMD64_SET_FSBASE) sets the base of fs.
# [FreeBSD sysarch(2); sys/x86/include/sysarch.h]
# Exit status: 0, or 1
        .intel_syntax noprefix
        .globl  _start
_start: push    offset text
        mov     eax, 165                # sysarch
        mov     edi, 129                # AMD64_SET_FSBASE
        mov     rsi, rsp
        syscall
        mov     edi, 1
        jc      end
        mov     al, fs:[0]
        cmp     al, 0x74
        jne     end
        mov     edi, 0
end:    mov     eax, 1                  # exit
        syscall
text:   .ascii  "t"
