// pair64: a 64-bit argument takes one register.
//   pread64(0x77, sp, 0x3333, 0x1122334455667788)                      = -EBADF
//   ftruncate(0x77, 0x1122334455667788)                                = -EBADF
//   fallocate(0x77, 1, 0x1122334455667788, 0x0102030405060708)         = -EBADF
//   fadvise64(0x77, 0x1122334455667788, 0x0102030405060708, 4)         = -EBADF
//   pread64(/proc/self/exe, sp, 4, 1)           = 4, the rest of "\177ELF" and the class
//   pread64(/proc/self/exe, sp, 4, 0x100000001) = 0, past the end
// [AAPCS64 6.8.2; Linux include/uapi/asm-generic/unistd.h]
// Exit status: 0, or the number of the first call above that went otherwise
        .globl  _start
_start: sub     sp, sp, #0x4000
        mov     x8, #67                 // pread64
        mov     x0, #0x77
        mov     x1, sp
        mov     x2, #0x3333
        ldr     x3, =0x1122334455667788
        svc     #0
        mov     x19, #1
        cmn     x0, #9                  // EBADF
        b.ne    end

        mov     x8, #46                 // ftruncate
        mov     x0, #0x77
        ldr     x1, =0x1122334455667788
        svc     #0
        mov     x19, #2
        cmn     x0, #9
        b.ne    end

        mov     x8, #47                 // fallocate
        mov     x0, #0x77
        mov     x1, #1
        ldr     x2, =0x1122334455667788
        ldr     x3, =0x0102030405060708
        svc     #0
        mov     x19, #3
        cmn     x0, #9
        b.ne    end

        mov     x8, #223                // fadvise64
        mov     x0, #0x77
        ldr     x1, =0x1122334455667788
        ldr     x2, =0x0102030405060708
        mov     x3, #4
        svc     #0
        mov     x19, #4
        cmn     x0, #9
        b.ne    end

        mov     x8, #56                 // openat
        mov     x0, #-100               // AT_FDCWD
        adr     x1, exe
        mov     x2, #0
        svc     #0
        mov     x20, x0
        mov     x8, #67                 // pread64
        mov     x1, sp
        mov     x2, #4
        mov     x3, #1
        svc     #0
        mov     x19, #5
        cmp     x0, #4
        b.ne    end
        ldr     w0, [sp]
        ldr     w1, =0x02464c45         // "ELF", ELFCLASS64
        cmp     w0, w1
        b.ne    end

        mov     x0, x20
        mov     x1, sp
        mov     x2, #4
        ldr     x3, =0x100000001
        svc     #0
        mov     x19, #6
        cmp     x0, #0
        b.ne    end
        mov     x19, #0
end:    mov     x8, #93                 // exit
        mov     x0, x19
        svc     #0
exe:    .asciz  "/proc/self/exe"
