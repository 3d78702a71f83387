# args_widths: an `int` is the low half of its register, signed, whatever the upper half holds; `size_t` and `long` are
# whole registers; `umode_t` is 16 bits wide.
#   lseek(-1, -1, SEEK_END)              = -EBADF, with 0xdeadbeef above the descriptor
#   mkdirat(AT_FDCWD, "", 0x123401ed)    = -ENOENT, its mode is 0755
#   umask(0x7fff0012)                    = the mask from before
#   umask(0x12)                          = 0x12, with 0xdeadbeef above the mask
#   write(1, "widths\n", 7)              = 7, with 0xdeadbeef above the descriptor
#   read(0x77, sp, 0x100000001)          = -EBADF, all of the count counts
# [System V psABI AMD64, 3.2.3: the upper half is undefined; Linux include/linux/types.h]
# Prints: widths
# Exit status: 0, or the number of the first call above that went otherwise. qemu-user looks at the buffer before it
# looks at the descriptor: 6.
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 8                  # lseek
        movabs  rdi, 0xdeadbeefffffffff
        mov     rsi, -1
        movabs  rdx, 0xdeadbeef00000002
        syscall
        mov     edi, 1
        cmp     rax, -9                 # EBADF
        jne     end

        mov     eax, 258                # mkdirat
        mov     edi, -100
        mov     esi, offset empty
        mov     edx, 0x123401ed
        syscall
        mov     edi, 2
        cmp     rax, -2                 # ENOENT
        jne     end

        mov     eax, 95                 # umask
        mov     edi, 0x7fff0012
        syscall
        mov     edi, 3
        cmp     rax, 0777
        ja      end

        mov     eax, 95                 # umask
        movabs  rdi, 0xdeadbeef00000012
        syscall
        mov     edi, 4
        cmp     rax, 0x12
        jne     end

        mov     eax, 1                  # write
        movabs  rdi, 0xdeadbeef00000001
        mov     esi, offset text
        mov     edx, 7
        syscall
        mov     edi, 5
        cmp     rax, 7
        jne     end

        mov     eax, 0                  # read
        mov     edi, 0x77
        mov     rsi, rsp
        movabs  rdx, 0x100000001
        syscall
        mov     edi, 6
        cmp     rax, -9                 # EBADF
        jne     end
        mov     edi, 0
end:    mov     eax, 60                 # exit
        syscall
text:   .ascii  "widths\n"
empty:  .byte   0
