# sysctl: hw.pagesize by its numbers, kern.ostype by its name.
# [FreeBSD sysctl(3)]
# Exit status: 0, or the number of the call that went wrong
        .intel_syntax noprefix
        .globl  _start
_start: sub     rsp, 64
        mov     qword ptr [rsp], 4      # how much room there is
        mov     eax, 202                # __sysctl
        mov     edi, offset pagesize
        mov     esi, 2
        lea     rdx, [rsp + 8]
        mov     r10, rsp
        mov     r8d, 0
        mov     r9d, 0
        syscall
        mov     edi, 1
        jc      end
        cmp     dword ptr [rsp + 8], 4096
        jne     end
        mov     qword ptr [rsp], 32
        mov     eax, 570                # __sysctlbyname
        mov     edi, offset ostype
        mov     esi, 11
        lea     rdx, [rsp + 8]
        mov     r10, rsp
        mov     r8d, 0
        mov     r9d, 0
        syscall
        mov     edi, 2
        jc      end
        cmp     qword ptr [rsp], 8      # "FreeBSD" and its end
        jne     end
        mov     edi, 0
end:    mov     eax, 1                  # exit
        syscall
pagesize: .long 6, 7                    # CTL_HW, HW_PAGESIZE
ostype: .ascii  "kern.ostype"
