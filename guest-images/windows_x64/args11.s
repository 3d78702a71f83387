# args11: NtCreateFile with eleven arguments, each of another value; nothing has that name.
#   NtCreateFile(&handle, GENERIC_READ|SYNCHRONIZE, {"\??\C:\nothing"}, &io_status, [291], NORMAL, SHARE_READ|WRITE, OPEN,
#                SYNCHRONOUS_IO_NONALERT|NON_DIRECTORY_FILE, "ea", 3) = STATUS_OBJECT_NAME_NOT_FOUND
# The upper halves of 32-bit arguments are junk.
# [Microsoft Learn, NtCreateFile; OBJECT_ATTRIBUTES: Length, RootDirectory, ObjectName, Attributes, two more]
# Exit status: 0, or 1 when the status is another
        .include "calls.inc"
        .globl  start
start:  sub     rsp, 0x68
        lea     rcx, handle[rip]
        movabs  rdx, 0x5a5a5a5a80100000 # DesiredAccess
        lea     r8, attributes[rip]
        lea     r9, io_status[rip]
        lea     rax, size[rip]
        arg     5, rax
        movabs  rax, 0x5a5a5a5a00000080 # FILE_ATTRIBUTE_NORMAL
        arg     6, rax
        movabs  rax, 0x5a5a5a5a00000003 # ShareAccess
        arg     7, rax
        movabs  rax, 0x5a5a5a5a00000001 # FILE_OPEN
        arg     8, rax
        movabs  rax, 0x5a5a5a5a00000060 # CreateOptions
        arg     9, rax
        lea     rax, ea[rip]
        arg     10, rax
        movabs  rax, 0x5a5a5a5a00000003 # EaLength
        arg     11, rax
        call    NtCreateFile
        xor     edx, edx
        cmp     eax, 0xc0000034
        setne   dl
        exit
        stub    NtCreateFile
        stub    NtTerminateProcess
ea:     .ascii  "ea\0"
        .balign 8
size:   .quad   0x123
attributes: .quad 48, 0, name, 0x40, 0, 0
name:   .short  path_end - path, path_end - path, 0, 0
        .quad   path
path:   .short  0x5c, 0x3f, 0x3f, 0x5c, 'C, ':, 0x5c, 'n, 'o, 't, 'h, 'i, 'n, 'g
path_end:
        .bss
        .balign 8
handle: .skip   8
io_status: .skip 16
