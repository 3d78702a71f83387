@ args6: mmap2 takes six arguments, the sixth in r5; and mmap of the old ABI finds six in memory.
@   mmap2(0, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)
@   mmap(the same, by a pointer)
@ [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE; arguments in r0 to r6, result in r0]
@ [Linux arch/arm/kernel/sys_arm.c, old_mmap; man 2 mmap]
@ Exit status: 0, the number of the call that fails, a signal when the memory is not there
        .globl  _start
_start: mov     r0, #0
        mov     r1, #4096
        mov     r2, #3
        mov     r3, #0x22
        mvn     r4, #0
        mov     r5, #0
        svc     #0x9000c0               @ mmap2
        cmn     r0, #4096
        movhi   r0, #1
        bhi     end
        str     r1, [r0, #4092]
        adr     r0, block
        svc     #0x90005a               @ mmap
        cmn     r0, #4096
        movhi   r0, #2
        bhi     end
        str     r1, [r0, #4092]
        mov     r0, #0
end:    svc     #0x900001               @ exit
block:  .word   0, 4096, 3, 0x22, -1, 0
