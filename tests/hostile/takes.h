/* What gives something each time it is asked, until it does not: how often it did. */

/* A name with a number in it, LONG units long. */
static struct attributes *numbered(const char *before, size_t number, size_t units)
{
    static uint16_t text[32800];
    static struct name name;
    static struct attributes own;
    size_t count = 0;
    while (*before)
        text[count++] = (unsigned char)*before++;
    for (unsigned at = 0; at < 8; at++)
        text[count++] = "0123456789abcdef"[number >> 4 * at & 15];
    while (count < units)
        text[count++] = 'x';
    name = (struct name){ 2 * count, 2 * count, text };
    own = (struct attributes){ sizeof own, 0, &name, 0x40, 0, 0 };
    return &own;
}

/* No more than so often. */
#define MOST 300000

static size_t takes(const char *what)
{
    static unsigned char bytes[1 << 20] __attribute__((aligned(8)));
    static int64_t none = -1, big = 1 << 20;
    static struct name target = { 60000, 60000, (uint16_t *)bytes };
    size_t handle, other, third, io[2], count = 0, failed = 0;
    memset(bytes, 'x', 60000);
    for (; count < MOST && failed < 3; count++) {
        size_t status = 0;
        if (same(what, "events"))
            status = CALL(NtCreateEvent, A(&handle), A(0x1f0003), NONE, NONE, NONE);
        else if (same(what, "names"))
            status = CALL(NtCreateEvent, A(&handle), A(0x1f0003), A(numbered("\\BaseNamedObjects\\", count, 32000)), NONE, NONE);
        else if (same(what, "links"))
            status = CALL(NtCreateSymbolicLinkObject, A(&handle), A(0xf0001), A(numbered("\\BaseNamedObjects\\", count, 30)),
                          A(&target));
        else if (same(what, "directories"))
            status = CALL(NtCreateDirectoryObject, A(&handle), A(0xf000f), A(numbered("\\BaseNamedObjects\\", count, 32000)));
        else if (same(what, "pipes")) {
            status = CALL(NtCreateNamedPipeFile, A(&handle), A(0xc0100000), A(numbered("\\??\\pipe\\", count, 30)), A(io), A(3), A(3), NONE, A(1), A(1),
                          NONE, A(4), A(1 << 20), A(1 << 20), A(&none));
            if (!status)
                status = CALL(NtCreateFile, A(&other), A(0xc0100000), A(numbered("\\??\\pipe\\", count, 30)), A(io), NONE, A(0x80), A(7), A(1), NONE, NONE, NONE);
            if (!status)
                status = CALL(NtWriteFile, handle, NONE, NONE, NONE, A(io), A(bytes), sizeof bytes, NONE, NONE);
            if (!status)
                status = CALL(NtWriteFile, other, NONE, NONE, NONE, A(io), A(bytes), sizeof bytes, NONE, NONE);
        } else if (same(what, "mailslots")) {
            status = CALL(NtCreateMailslotFile, A(&handle), A(0xc0100000), A(numbered("\\??\\mailslot\\", count, 30)), A(io), NONE, NONE, NONE, A(&none));
            if (!status)
                status = CALL(NtCreateFile, A(&other), A(0xc0100000), A(numbered("\\??\\mailslot\\", count, 30)), A(io), NONE, A(0x80), A(7), A(1), NONE, NONE, NONE);
            for (unsigned at = 0; at < 16; at++)
                CALL(NtWriteFile, other, NONE, NONE, NONE, A(io), A(bytes), A(65000), NONE, NONE);
        } else if (same(what, "packets")) {
            if (count % 60000 == 0)
                status = CALL(NtCreateIoCompletion, A(&handle), A(0x1f0003), NONE, NONE);
            CALL(NtSetIoCompletion, handle, count, NONE, NONE, NONE);
        } else if (same(what, "ports"))
            status = CALL(NtCreatePort, A(&handle), A(numbered("\\RPC Control\\", count, 30)), A(100), A(200), NONE);
        else if (same(what, "keys"))
            status = CALL(NtCreateKey, A(&handle), A(0xf003f), A(numbered("\\Registry\\Machine\\Software\\", count, 200)), NONE, NONE, NONE, NONE);
        else if (same(what, "values")) {
            if (count == 0)
                status = CALL(NtCreateKey, A(&handle), A(0xf003f), A(numbered("\\Registry\\Machine\\Software\\", count, 40)), NONE, NONE, NONE, NONE);
            status = CALL(NtSetValueKey, handle, A(numbered("", count, 100)->name), NONE, A(3), A(bytes), A(1 << 19));
        } else if (same(what, "atoms")) {
            struct name *name = numbered("", count, 200)->name;
            status = CALL(NtAddAtom, A(name->text), name->length, A(&other));
        } else if (same(what, "apcs"))
            status = CALL(NtQueueApcThread, THREAD, A(ends), NONE, NONE, NONE);
        else if (same(what, "threads")) {
            start_thread(finish);
            if (count > 20000)
                break;
        } else if (same(what, "sections"))
            status = CALL(NtCreateSection, A(&handle), A(0xf001f), NONE, A(&big), A(4), A(0x8000000), NONE);
        else if (same(what, "views")) {
            void *at = 0;
            size_t size = 0;
            if (count == 0)
                status = CALL(NtCreateSection, A(&handle), A(0xf001f), NONE, A(&big), A(4), A(0x8000000), NONE);
            status = CALL(NtMapViewOfSection, handle, SELF, A(&at), NONE, NONE, NONE, A(&size), A(2), NONE, A(4));
        } else if (same(what, "memory")) {
            void *at = 0;
            size_t size = 1 << 20;
            status = CALL(NtAllocateVirtualMemory, SELF, A(&at), NONE, A(&size), A(0x3000), A(4));
            if (!status)
                for (size_t page = 0; page < size; page += PAGE)
                    ((char *)at)[page] = 1;
        } else if (same(what, "reserves")) {
            void *at = 0;
            size_t size = PAGE;
            status = CALL(NtAllocateVirtualMemory, SELF, A(&at), NONE, A(&size), A(0x2000), A(4));
        } else if (same(what, "files")) {
            status = CALL(NtCreateFile, A(&handle), A(0x1f01ff), A(numbered("\\??\\C:\\", count, 30)), A(io), NONE, A(0x80), A(7), A(3), A(0x20), NONE, NONE);
            if (!status)
                status = CALL(NtWriteFile, handle, NONE, NONE, NONE, A(io), A(bytes), sizeof bytes, NONE, NONE);
            CALL(NtClose, handle);
        } else if (same(what, "streams")) {
            struct attributes *one = numbered("\\??\\C:\\a.txt:", count, 60);
            status = CALL(NtCreateFile, A(&handle), A(0x1f01ff), A(one), A(io), NONE, A(0x80), A(7), A(3), A(0x20), NONE, NONE);
            if (!status)
                status = CALL(NtWriteFile, handle, NONE, NONE, NONE, A(io), A(bytes), sizeof bytes, NONE, NONE);
            CALL(NtClose, handle);
        } else if (same(what, "attributes")) {
            status = CALL(NtCreateFile, A(&handle), A(0x1f01ff), A(numbered("\\??\\C:\\", count, 30)), A(io), NONE, A(0x80), A(7), A(3), A(0x20), NONE, NONE);
            struct {
                uint32_t next;
                uint8_t flags, name;
                uint16_t value;
                char text[4];
            } *one = (void *)bytes;
            one->next = 0;
            one->flags = 0;
            one->name = 1;
            one->value = 60000;
            one->text[0] = 'A';
            if (!status)
                status = CALL(NtSetEaFile, handle, A(io), A(bytes), A(8 + 2 + 60000));
            CALL(NtClose, handle);
        } else if (same(what, "open"))
            status = CALL(NtCreateFile, A(&handle), A(0x1f01ff), named("\\??\\C:\\a.txt"), A(io), NONE, A(0x80), A(7), A(3), A(0x20), NONE, NONE);
        else if (same(what, "sockets"))
            status = CALL(NtCreateFile, A(&handle), A(0xc0140000), named("\\Device\\Afd\\Endpoint"), A(io), NONE, A(0x80), A(3), A(3), NONE, A(&stream_socket), A(8 + 16 + 24));
        else if (same(what, "tokens")) {
            if (count == 0)
                CALL(NtOpenProcessToken, SELF, A(0xf01ff), A(&other));
            status = CALL(NtDuplicateToken, other, A(0xf01ff), NONE, NONE, A(1), A(&handle));
        } else if (same(what, "watches")) {
            if (count == 0)
                CALL(NtCreateKey, A(&other), A(0xf003f), named("\\Registry\\Machine\\Software\\A"), NONE, NONE, NONE, NONE);
            status = CALL(NtNotifyChangeKey, other, NONE, NONE, NONE, A(io), A(15), A(1), NONE, NONE, A(1));
        } else if (same(what, "jobs"))
            status = CALL(NtCreateJobObject, A(&handle), A(0x1f001f), NONE);
        else if (same(what, "locks")) {
            if (count == 0)
                CALL(NtCreateFile, A(&other), A(0x1f01ff), named("\\??\\C:\\a.txt"), A(io), NONE, A(0x80), A(7), A(3), A(0x20), NONE, NONE);
            int64_t from = 2 * count, one = 1;
            status = CALL(NtLockFile, other, NONE, NONE, NONE, A(io), A(&from), A(&one), NONE, A(1), A(1));
        } else
            return 0;
        if (status >> 30 & 3)
            failed++;
        /* Each looks at all that there are. */
        if (count > 20000 && (same(what, "reserves") || same(what, "views")))
            break;
    }
    return count - failed;
}
