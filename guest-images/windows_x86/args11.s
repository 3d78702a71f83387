# args11: NtCreateFile with eleven arguments, each of another value; nothing has that name.
#   NtCreateFile(&handle, GENERIC_READ|SYNCHRONIZE, {"\??\C:\nothing"}, &io_status, [291], NORMAL, SHARE_READ|WRITE, OPEN,
#                SYNCHRONOUS_IO_NONALERT|NON_DIRECTORY_FILE, "ea", 3) = STATUS_OBJECT_NAME_NOT_FOUND
# [Microsoft Learn, NtCreateFile; OBJECT_ATTRIBUTES: Length, RootDirectory, ObjectName, Attributes, two more]
# Exit status: 0, or 1 when the status is another
        .include "calls.inc"
        .globl  start
start:  push    3                       # EaLength
        push    offset ea
        push    0x60                    # CreateOptions
        push    1                       # FILE_OPEN
        push    3                       # ShareAccess
        push    0x80                    # FILE_ATTRIBUTE_NORMAL
        push    offset size
        push    offset io_status
        push    offset attributes
        push    0x80100000              # DesiredAccess
        push    offset handle
        call    NtCreateFile
        xor     ecx, ecx
        cmp     eax, 0xc0000034
        setne   cl
        exit
        stub    NtCreateFile, 11
        stub    NtTerminateProcess, 2
ea:     .ascii  "ea\0"
        .balign 4
size:   .quad   0x123
attributes: .long 24, 0, name, 0x40, 0, 0
name:   .short  path_end - path, path_end - path
        .long   path
path:   .short  0x5c, 0x3f, 0x3f, 0x5c, 'C, ':, 0x5c, 'n, 'o, 't, 'h, 'i, 'n, 'g
path_end:
        .bss
handle: .skip   4
io_status: .skip 8
