# file: a file is made, written, read from an offset and closed; its name is the same in capitals.
# [Microsoft Learn, NtCreateFile: Information is 2 for a new file and 1 for one that was there; NtReadFile]
# Exit status: 0, or what is wrong
        .include "calls.inc"
        .globl  start
        .macro  create disposition, attributes
        lea     rcx, handle[rip]
        mov     edx, 0xc0100000         # GENERIC_READ|GENERIC_WRITE|SYNCHRONIZE
        lea     r8, \attributes[rip]
        lea     r9, io_status[rip]
        arg     5, 0
        arg     6, 0x80                 # FILE_ATTRIBUTE_NORMAL
        arg     7, 0
        arg     8, \disposition
        arg     9, 0x20                 # FILE_SYNCHRONOUS_IO_NONALERT
        arg     10, 0
        arg     11, 0
        call    NtCreateFile
        .endm
        .macro  transfer call, buffer, length, offset=0
        mov     rcx, handle[rip]
        xor     edx, edx
        xor     r8d, r8d
        xor     r9d, r9d
        lea     rax, io_status[rip]
        arg     5, rax
        lea     rax, \buffer[rip]
        arg     6, rax
        arg     7, \length
        .ifc    \offset, 0
        arg     8, 0
        .else
        lea     rax, \offset[rip]
        arg     8, rax
        .endif
        arg     9, 0
        call    \call
        .endm
start:  sub     rsp, 0x68
        create  2, attributes
        mov     ebx, 1
        test    eax, eax
        jnz     out
        transfer NtWriteFile, text, 5
        mov     ebx, 2
        test    eax, eax
        jnz     out
        mov     rcx, handle[rip]
        call    NtClose
        create  1, capitals
        mov     ebx, 3
        test    eax, eax
        jnz     out
        transfer NtReadFile, buffer, 8, one
        mov     ebx, 4
        test    eax, eax
        jnz     out
        transfer NtReadFile, buffer, 8
        mov     ebx, 5
        cmp     eax, 0xc0000011         # STATUS_END_OF_FILE
        jne     out
        xor     ebx, ebx
out:    mov     edx, ebx
        exit
        stub    NtCreateFile
        stub    NtWriteFile
        stub    NtReadFile
        stub    NtClose
        stub    NtTerminateProcess
text:   .ascii  "lines"
        .balign 8
one:    .quad   1
attributes: .quad 48, 0, name, 0x40, 0, 0
capitals: .quad 48, 0, other, 0x40, 0, 0
name:   .short  other_path - path, other_path - path, 0, 0
        .quad   path
other:  .short  path_end - other_path, path_end - other_path, 0, 0
        .quad   other_path
path:   .short  0x5c, 0x3f, 0x3f, 0x5c, 'C, 0x3a, 0x5c, 'n, 'o, 't, 'e
other_path: .short 0x5c, 0x3f, 0x3f, 0x5c, 'c, 0x3a, 0x5c, 'N, 'O, 'T, 'E
path_end:
        .bss
        .balign 8
handle: .skip   8
io_status: .skip 16
buffer: .skip   8
