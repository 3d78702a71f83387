# file: a file is made, written, read from an offset and closed; its name is the same in capitals.
# [Microsoft Learn, NtCreateFile: Information is 2 for a new file and 1 for one that was there; NtReadFile]
# Exit status: 0, or what is wrong
        .include "calls.inc"
        .globl  start
        .macro  create disposition, attributes
        push    0
        push    0
        push    0x20                    # FILE_SYNCHRONOUS_IO_NONALERT
        push    \disposition
        push    0
        push    0x80                    # FILE_ATTRIBUTE_NORMAL
        push    0
        push    offset io_status
        push    offset \attributes
        push    0xc0100000              # GENERIC_READ|GENERIC_WRITE|SYNCHRONIZE
        push    offset handle
        call    NtCreateFile
        .endm
start:  create  2, attributes
        mov     ecx, 1
        test    eax, eax
        jnz     out
        push    0
        push    0
        push    5
        push    offset text
        push    offset io_status
        push    0
        push    0
        push    0
        push    handle
        call    NtWriteFile
        mov     ecx, 2
        test    eax, eax
        jnz     out
        push    handle
        call    NtClose
        create  1, capitals
        mov     ecx, 3
        test    eax, eax
        jnz     out
        push    0
        push    offset one
        push    8
        push    offset buffer
        push    offset io_status
        push    0
        push    0
        push    0
        push    handle
        call    NtReadFile
        mov     ecx, 4
        test    eax, eax
        jnz     out
        push    0
        push    0
        push    8
        push    offset buffer
        push    offset io_status
        push    0
        push    0
        push    0
        push    handle
        call    NtReadFile
        mov     ecx, 5
        cmp     eax, 0xc0000011         # STATUS_END_OF_FILE
        jne     out
        xor     ecx, ecx
out:    exit
        stub    NtCreateFile, 11
        stub    NtWriteFile, 9
        stub    NtReadFile, 9
        stub    NtClose, 1
        stub    NtTerminateProcess, 2
text:   .ascii  "lines"
        .balign 8
one:    .quad   1
attributes: .long 24, 0, name, 0x40, 0, 0
capitals: .long 24, 0, other, 0x40, 0, 0
name:   .short  other_path - path, other_path - path
        .long   path
other:  .short  path_end - other_path, path_end - other_path
        .long   other_path
path:   .short  0x5c, 0x3f, 0x3f, 0x5c, 'C, 0x3a, 0x5c, 'n, 'o, 't, 'e
other_path: .short 0x5c, 0x3f, 0x3f, 0x5c, 'c, 0x3a, 0x5c, 'N, 'O, 'T, 'E
path_end:
        .bss
handle: .skip   4
io_status: .skip 8
buffer: .skip   8
