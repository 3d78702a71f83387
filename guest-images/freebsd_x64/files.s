# files: a file is made, written, looked at and read back. Flags have FreeBSD's numbers.
#   open("/tmp/made", O_RDWR|O_CREAT|O_TRUNC, 0644), write, fstat: st_size is 5, lseek(0), read, close
# [FreeBSD open(2), stat(2); sys/sys/fcntl.h; sys/sys/stat.h]
# Exit status: 0, or the number of the call above that went wrong
        .intel_syntax noprefix
        .globl  _start
_start: sub     rsp, 512
        mov     eax, 5                  # open
        mov     edi, offset path
        mov     esi, 0x602              # O_RDWR|O_CREAT|O_TRUNC
        mov     edx, 0644
        syscall
        mov     r12d, eax
        mov     r13d, 1
        jc      end
        mov     eax, 4                  # write
        mov     edi, r12d
        mov     esi, offset text
        mov     edx, 5
        syscall
        mov     r13d, 2
        jc      end
        mov     eax, 551                # fstat
        mov     edi, r12d
        mov     rsi, rsp
        syscall
        mov     r13d, 3
        jc      end
        cmp     qword ptr [rsp + 112], 5
        jne     end
        mov     eax, 478                # lseek
        mov     edi, r12d
        mov     esi, 0
        mov     edx, 0
        syscall
        mov     r13d, 4
        jc      end
        mov     eax, 3                  # read
        mov     edi, r12d
        mov     rsi, rsp
        mov     edx, 100
        syscall
        mov     r13d, 5
        cmp     rax, 5
        jne     end
        mov     eax, 6                  # close
        mov     edi, r12d
        syscall
        mov     r13d, 6
        jc      end
        mov     r13d, 0
end:    mov     eax, 1                  # exit
        mov     edi, r13d
        syscall
path:   .asciz  "/tmp/made"
text:   .ascii  "bytes"
