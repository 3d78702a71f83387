# args_widths: `int` is signed, `umode_t` is 16 bits wide, and a service looks at no more bits than it has names for.
#   lseek(-1, -1, SEEK_END)              = -EBADF
#   mkdirat(AT_FDCWD, "", 0x123401ed)    = -ENOENT, its mode is 0755
#   umask(0x7fff0012)                    = the mask from before
#   umask(0x12)                          = 0x12
# [Linux include/linux/types.h: umode_t is unsigned short; kernel/sys.c: umask & S_IRWXUGO]
# Exit status: 0, or the number of the first call above that went otherwise
        .intel_syntax noprefix
        .globl  _start
_start: mov     eax, 19                 # lseek
        mov     ebx, -1
        mov     ecx, -1
        mov     edx, 2
        int     0x80
        mov     ebx, 1
        cmp     eax, -9                 # EBADF
        jne     end

        mov     eax, 296                # mkdirat
        mov     ebx, -100
        mov     ecx, offset empty
        mov     edx, 0x123401ed
        int     0x80
        mov     ebx, 2
        cmp     eax, -2                 # ENOENT
        jne     end

        mov     eax, 60                 # umask
        mov     ebx, 0x7fff0012
        int     0x80
        mov     ebx, 3
        cmp     eax, 0777
        ja      end

        mov     eax, 60                 # umask
        mov     ebx, 0x12
        int     0x80
        mov     ebx, 4
        cmp     eax, 0x12
        jne     end
        mov     ebx, 0
end:    mov     eax, 1                  # exit
        int     0x80
empty:  .byte   0
