/* A process is made of a file that is about to go, and has gone when it runs.
   Exit status: 0, or the line on which something was wrong. */
#include "bare.h"

NTSTATUS NTAPI NtCreateProcessEx(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, HANDLE, ULONG, HANDLE, HANDLE, HANDLE, ULONG);

NTSTATUS NTAPI NtCreateDebugObject(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG);
NTSTATUS NTAPI NtWaitForDebugEvent(HANDLE, BOOLEAN, LARGE_INTEGER *, void *);
NTSTATUS NTAPI NtDebugContinue(HANDLE, CLIENT_ID *, NTSTATUS);

/* Until the process ends, whose first event tells of itself. [ntdbg.h: DbgCreateProcessStateChange 3, DbgExitProcessStateChange 5] */
static void debug(HANDLE object)
{
    struct {
        ULONG state;
        CLIENT_ID client;
        ULONG_PTR rest[20];
    } event = { 0 };
    ULONG first = 0;

    while (event.state != 5) {
        CHECK(NtWaitForDebugEvent(object, 0, 0, &event) == 0);
        if (!first)
            first = event.state;
        CHECK(NtDebugContinue(object, &event.client, 0x10002) == 0);
    }
    CHECK(first == 3);
}

static char bytes[0x20000];

void start(void)
{
    HANDLE file, section, process, thread, object;
    OBJECT_ATTRIBUTES attributes = { sizeof attributes };
    UNICODE_STRING name = NAME(L"\\??\\C:\\ghost.txt");
    IO_STATUS_BLOCK io;
    CLIENT_ID client;
    LARGE_INTEGER zero = { .QuadPart = 0 };
    BOOLEAN goes = 1;
    ULONG before, size;

    if (*mark() == 34)
        NtTerminateProcess(NtCurrentProcess(), 34);
    say("ghost\n");
    attributes.ObjectName = &name;
    CHECK(NtCreateFile(&file, FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE, &attributes, &io, 0, 0, 0, FILE_SUPERSEDE,
                       FILE_SYNCHRONOUS_IO_NONALERT, 0, 0) == 0);
    CHECK(NtSetInformationFile(file, &io, &goes, sizeof goes, 13) == 0); /* FileDispositionInformation */
    CHECK(NtReadFile(own_file(), 0, 0, 0, &io, bytes, sizeof bytes, &zero, 0) == 0);
    size = io.Information;
    CHECK(NtWriteFile(file, 0, 0, 0, &io, bytes, size, &zero, 0) == 0 && io.Information == size);
    section = image_of(file);
    CHECK(NtClose(file) == 0);
    CHECK(NtOpenFile(&file, FILE_GENERIC_READ, &attributes, &io, 7, FILE_SYNCHRONOUS_IO_NONALERT) 
          == (NTSTATUS)0xc0000034);
    CHECK(NtCreateProcessEx(&process, PROCESS_ALL_ACCESS, 0, NtCurrentProcess(), 0x80000000, section, 0, 0, 0)
          == STATUS_INVALID_PARAMETER);
    CHECK(NtCreateProcessEx(&process, PROCESS_ALL_ACCESS, 0, NtCurrentProcess(), 4, section, 0, 0, 0) == 0);
    tell(process, 34);
    thread = thread_of(process, start, &client);
    CHECK(NtResumeThread(thread, &before) == 0 && before == 1);
    CHECK(status_after(process) == 34);

    /* Its debugger hears of it when it has a thread. */
    CHECK(NtCreateDebugObject(&object, MAXIMUM_ALLOWED, 0, 0) == 0);
    CHECK(NtCreateProcessEx(&process, PROCESS_ALL_ACCESS, 0, NtCurrentProcess(), 4, section, object, 0, 0) == 0);
    CHECK(NtClose(section) == 0);
    CHECK(NtWaitForSingleObject(object, 0, &zero) == STATUS_TIMEOUT);
    tell(process, 34);
    thread = thread_of(process, start, &client);
    CHECK(NtResumeThread(thread, &before) == 0 && before == 1);
    debug(object);
    CHECK(status_after(process) == 34);
    NtTerminateProcess(NtCurrentProcess(), 0);
}
