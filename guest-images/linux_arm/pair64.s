@ pair64: a 64-bit argument takes an even and the following odd register, low word first; the register skipped for that
@ is padding, and holds a value here that must never be seen.
@   pread64(0x77, sp, 0x3333, pad, 0x1122334455667788)                        in r4:r5 = -EBADF
@   ftruncate64(0x77, pad, 0x1122334455667788)                                in r2:r3 = -EBADF
@   fallocate(0x77, 1, 0x1122334455667788, 0x0102030405060708)         in r2:r3, r4:r5 = -EBADF
@   arm_fadvise64_64(0x77, 4, 0x1122334455667788, 0x0102030405060708)  in r2:r3, r4:r5 = -EBADF
@   pread64(/proc/self/exe, sp, 4, pad, 1)           = 4, the rest of "\177ELF" and the class
@   pread64(/proc/self/exe, sp, 4, pad, 0x100000001) = 0, past the end
@ [AAPCS32 6.5, C.3: a double-word is rounded up to an even register; man 2 syscall, "Architecture-specific requirements"]
@ Exit status: 0, or the number of the first call above that went otherwise
        .globl  _start
_start: sub     sp, sp, #0x4000
        mov     r7, #180                @ pread64
        mov     r0, #0x77
        mov     r1, sp
        ldr     r2, =0x3333
        ldr     r3, =0xbad0bad0
        ldr     r4, =0x55667788
        ldr     r5, =0x11223344
        svc     #0
        mov     r6, #1
        cmn     r0, #9                  @ EBADF
        bne     end

        mov     r7, #194                @ ftruncate64
        mov     r0, #0x77
        ldr     r1, =0xbad0bad0
        ldr     r2, =0x55667788
        ldr     r3, =0x11223344
        svc     #0
        mov     r6, #2
        cmn     r0, #9
        bne     end

        ldr     r7, =352                @ fallocate
        mov     r0, #0x77
        mov     r1, #1
        ldr     r2, =0x55667788
        ldr     r3, =0x11223344
        ldr     r4, =0x05060708
        ldr     r5, =0x01020304
        svc     #0
        mov     r6, #3
        cmn     r0, #9
        bne     end

        ldr     r7, =270                @ arm_fadvise64_64
        mov     r0, #0x77
        mov     r1, #4
        ldr     r2, =0x55667788
        ldr     r3, =0x11223344
        ldr     r4, =0x05060708
        ldr     r5, =0x01020304
        svc     #0
        mov     r6, #4
        cmn     r0, #9
        bne     end

        mov     r7, #5                  @ open
        adr     r0, exe
        mov     r1, #0
        svc     #0
        mov     r8, r0
        mov     r7, #180                @ pread64
        mov     r1, sp
        mov     r2, #4
        ldr     r3, =0xbad0bad0
        mov     r4, #1
        mov     r5, #0
        svc     #0
        mov     r6, #5
        cmp     r0, #4
        bne     end
        ldr     r0, [sp]
        ldr     r1, =0x01464c45         @ "ELF", ELFCLASS32
        cmp     r0, r1
        bne     end

        mov     r0, r8
        mov     r1, sp
        mov     r2, #4
        ldr     r3, =0xbad0bad0
        mov     r4, #1
        mov     r5, #1
        svc     #0
        mov     r6, #6
        cmp     r0, #0
        bne     end
        mov     r6, #0
end:    mov     r7, #1                  @ exit
        mov     r0, r6
        svc     #0
exe:    .asciz  "/proc/self/exe"
