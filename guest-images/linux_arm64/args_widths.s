// args_widths: an `int` is the low half of its register, signed, whatever the upper half holds; `size_t` and `long` are
// whole registers; `umode_t` is 16 bits wide.
//   lseek(-1, -1, SEEK_END)              = -EBADF, with 0xdeadbeef above the descriptor
//   mkdirat(AT_FDCWD, "", 0x123401ed)    = -ENOENT, its mode is 0755
//   umask(0x7fff0012)                    = the mask from before
//   umask(0x12)                          = 0x12, with 0xdeadbeef above the mask
//   write(1, "widths\n", 7)              = 7, with 0xdeadbeef above the descriptor
//   read(0x77, sp, 0x100000001)          = -EBADF, all of the count counts
// [AAPCS64 6.8.2: the unused upper bits are unspecified; Linux include/linux/types.h]
// Prints: widths
// Exit status: 0, or the number of the first call above that went otherwise. qemu-user looks at the buffer before it
// looks at the descriptor: 6.
        .globl  _start
_start: mov     x8, #62                 // lseek
        ldr     x0, =0xdeadbeefffffffff
        mov     x1, #-1
        ldr     x2, =0xdeadbeef00000002
        svc     #0
        mov     x19, #1
        cmn     x0, #9                  // EBADF
        b.ne    end

        mov     x8, #34                 // mkdirat
        mov     w0, #-100
        adr     x1, empty
        ldr     x2, =0x123401ed
        svc     #0
        mov     x19, #2
        cmn     x0, #2                  // ENOENT
        b.ne    end

        mov     x8, #166                // umask
        ldr     x0, =0x7fff0012
        svc     #0
        mov     x19, #3
        cmp     x0, #512
        b.hs    end

        ldr     x0, =0xdeadbeef00000012
        svc     #0
        mov     x19, #4
        cmp     x0, #0x12
        b.ne    end

        mov     x8, #64                 // write
        ldr     x0, =0xdeadbeef00000001
        adr     x1, text
        mov     x2, #7
        svc     #0
        mov     x19, #5
        cmp     x0, #7
        b.ne    end

        mov     x8, #63                 // read
        mov     x0, #0x77
        mov     x1, sp
        ldr     x2, =0x100000001
        svc     #0
        mov     x19, #6
        cmn     x0, #9                  // EBADF
        b.ne    end
        mov     x19, #0
end:    mov     x8, #93                 // exit
        mov     x0, x19
        svc     #0
text:   .ascii  "widths\n"
empty:  .byte   0
