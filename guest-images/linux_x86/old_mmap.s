# old_mmap: call 90 takes one argument, the address of six words, and counts its offset in bytes.
#   mmap({0x11112000, 0x2222, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 0x55, 0x66000}) = -EBADF
#   mmap of an unreadable block                                                          = -EFAULT
#   mmap with an offset inside a page                                                    = -EINVAL
# [Linux mm/mmap.c: old_mmap and struct mmap_arg_struct; man 2 mmap, notes]
# Exit status: 0, or the number of the first call above that went otherwise
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 90                 # mmap
        mov     ebx, offset block
        int     0x80
        mov     ebx, 1
        cmp     eax, -9                 # EBADF
        jne     end

        mov     eax, 90
        mov     ebx, 8
        int     0x80
        mov     ebx, 2
        cmp     eax, -14                # EFAULT
        jne     end

        push    0x66001
        push    0x55
        push    0x12
        push    5
        push    0x2222
        push    0x11112000
        mov     eax, 90
        mov     ebx, esp
        int     0x80
        mov     ebx, 3
        cmp     eax, -22                # EINVAL
        jne     end
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        int     0x80
        .balign 4
block:  .long   0x11112000, 0x2222, 5, 0x12, 0x55, 0x66000
