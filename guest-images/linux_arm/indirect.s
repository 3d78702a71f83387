@ indirect: ARM EABI has no `syscall`: 0 is restart_syscall and 113, `syscall` of the old ABI, answers ENOSYS.
@   113(20) = -ENOSYS; restart_syscall() with nothing to restart = -EINTR
@ [Linux arch/arm/tools/syscall.tbl: 113 is oabi; kernel/signal.c: do_no_restart_syscall]
@ Exit status: 0, or the number of the first call above that went otherwise. qemu-user knows 113 as syscall: 1.
        .globl  _start
_start: mov     r7, #113
        mov     r0, #20
        svc     #0
        mov     r6, #1
        cmn     r0, #38                 @ ENOSYS
        bne     end
        mov     r7, #0                  @ restart_syscall
        svc     #0
        mov     r6, #2
        cmn     r0, #4                  @ EINTR
        bne     end
        mov     r6, #0
end:    mov     r7, #1                  @ exit
        mov     r0, r6
        svc     #0
