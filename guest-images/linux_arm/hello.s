@ hello: write(1, ...) and exit(0).
@ [Linux ARM EABI: number in r7, arguments in r0-r5 (r6), result in r0, `svc #0`; man 2 syscall]
@ Prints: hello from linux_arm
@ Exit status: 0
        .globl  _start
_start: mov     r7, #4                  @ write
        mov     r0, #1
        adr     r1, text
        mov     r2, #(text_end - text)
        svc     #0
        mov     r7, #1                  @ exit
        mov     r0, #0
        svc     #0
text:   .ascii  "hello from linux_arm\n"
text_end:
