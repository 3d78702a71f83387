// hello: write(1, ...) and exit(0).
// [Linux AArch64: number in x8, arguments in x0-x5, result in x0, `svc #0`; man 2 syscall]
// Prints: hello from linux_arm64
// Exit status: 0
        .globl  _start
_start: mov     x8, #64                 // write
        mov     x0, #1
        adr     x1, text
        mov     x2, #(text_end - text)
        svc     #0
        mov     x8, #93                 // exit
        mov     x0, #0
        svc     #0
text:   .ascii  "hello from linux_arm64\n"
text_end:
