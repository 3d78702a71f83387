@ error: a failing call answers with its errno, negative, in r0.
@   openat(AT_FDCWD, "/nonexistent", O_RDONLY) = -ENOENT
@ [man 2 syscall, "Architecture calling conventions"; man 2 open]
@ Exit status: 0, or 1 when the result is another
        .globl  _start
_start: ldr     r7, =322                @ openat
        mvn     r0, #99                 @ AT_FDCWD
        adr     r1, path
        mov     r2, #0
        svc     #0
        cmn     r0, #2                  @ ENOENT
        moveq   r0, #0
        movne   r0, #1
        mov     r7, #1                  @ exit
        svc     #0
path:   .asciz  "/nonexistent"
