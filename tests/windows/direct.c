/* Calls of the kernel from C, by the names that ntdll.dll has: files, memory, events.
   Exit status: 0, or the line on which something was wrong. */
#include "direct.h"

NTSTATUS NTAPI ZwAllocateVirtualMemory(HANDLE, void **, ULONG_PTR, SIZE_T *, ULONG, ULONG);
NTSTATUS NTAPI NtCreateEvent(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, int, BOOLEAN);
NTSTATUS NTAPI NtSetEvent(HANDLE, LONG *);

void start(void)
{
    IO_STATUS_BLOCK io;
    OBJECT_ATTRIBUTES attributes = { sizeof attributes };
    UNICODE_STRING name = NAME(L"\\??\\C:\\direct.txt");
    HANDLE file, event;
    void *memory = 0;
    SIZE_T size = 100000;
    LONG before = 7;
    LARGE_INTEGER zero = { .QuadPart = 0 };

    say("direct\n");
    attributes.ObjectName = &name;
    CHECK(NtCreateFile(&file, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &attributes, &io, 0, 0, 0, FILE_CREATE,
                       FILE_SYNCHRONOUS_IO_NONALERT, 0, 0) == 0);
    CHECK(io.Information == FILE_CREATED);
    CHECK(NtWriteFile(file, 0, 0, 0, &io, "0123456789", 10, 0, 0) == 0 && io.Information == 10);
    CHECK(ZwAllocateVirtualMemory(NtCurrentProcess(), &memory, 0, &size, MEM_COMMIT, PAGE_READWRITE) == 0);
    CHECK(size == 102400);
    CHECK(NtReadFile(file, 0, 0, 0, &io, memory, 100, &zero, 0) == 0 && io.Information == 10);
    CHECK(((char *)memory)[9] == '9');
    CHECK(NtClose(file) == 0);
    CHECK(NtCreateEvent(&event, EVENT_ALL_ACCESS, 0, 0, 0) == 0);
    CHECK(NtWaitForSingleObject(event, 0, &zero) == STATUS_TIMEOUT);
    CHECK(NtSetEvent(event, &before) == 0 && before == 0);
    CHECK(NtWaitForSingleObject(event, 0, 0) == 0);
    NtTerminateProcess(NtCurrentProcess(), 0);
}
