// error: a failing call answers with its errno, negative, in x0.
//   openat(AT_FDCWD, "/nonexistent", O_RDONLY) = -ENOENT
// [man 2 syscall, "Architecture calling conventions"; man 2 open]
// Exit status: 0, or 1 when the result is another
        .globl  _start
_start: mov     x8, #56                 // openat
        mov     w0, #-100               // AT_FDCWD, an int: the upper half of x0 is zero
        adr     x1, path
        mov     x2, #0
        svc     #0
        cmn     x0, #2                  // ENOENT
        cset    w0, ne
        mov     x8, #93                 // exit
        svc     #0
path:   .asciz  "/nonexistent"
