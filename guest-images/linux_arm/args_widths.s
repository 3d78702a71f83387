@ args_widths: `int` is signed, `umode_t` is 16 bits wide, and a service looks at no more bits than it has names for.
@   lseek(-1, -1, SEEK_END)              = -EBADF
@   mkdirat(AT_FDCWD, "", 0x123401ed)    = -ENOENT, its mode is 0755
@   umask(0x7fff0012)                    = the mask from before
@   umask(0x12)                          = 0x12
@ [Linux include/linux/types.h: umode_t is unsigned short; kernel/sys.c: umask & S_IRWXUGO]
@ Exit status: 0, or the number of the first call above that went otherwise
        .globl  _start
_start: mov     r7, #19                 @ lseek
        mvn     r0, #0
        mvn     r1, #0
        mov     r2, #2
        svc     #0
        mov     r6, #1
        cmn     r0, #9                  @ EBADF
        bne     end

        ldr     r7, =323                @ mkdirat
        mvn     r0, #99
        adr     r1, empty
        ldr     r2, =0x123401ed
        svc     #0
        mov     r6, #2
        cmn     r0, #2                  @ ENOENT
        bne     end

        mov     r7, #60                 @ umask
        ldr     r0, =0x7fff0012
        svc     #0
        mov     r6, #3
        cmp     r0, #512
        bhs     end

        mov     r0, #0x12
        svc     #0
        mov     r6, #4
        cmp     r0, #0x12
        bne     end
        mov     r6, #0
end:    mov     r7, #1                  @ exit
        mov     r0, r6
        svc     #0
empty:  .word   0
