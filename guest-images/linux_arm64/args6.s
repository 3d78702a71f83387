// args6: all six arguments, each of another value.
//   mmap(0x11112000, 0x2222, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 0x55, 0x66000) = -EBADF
// [Linux AArch64: x0-x5; arch/arm64/kernel/syscall.c. man 2 mmap]
// Exit status: 0, or 1 when the result is another
        .globl  _start
_start: mov     x8, #222                // mmap
        ldr     x0, =0x11112000
        mov     x1, #0x2222
        mov     x2, #5
        mov     x3, #0x12
        mov     x4, #0x55
        ldr     x5, =0x66000
        svc     #0
        cmn     x0, #9                  // EBADF: nothing has descriptor 0x55
        cset    w0, ne
        mov     x8, #93                 // exit
        svc     #0
