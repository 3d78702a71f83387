/* A process is a copy of its parent's memory: without a section to make it of. Exit status: 0, or the line on which something
   was wrong. */
#include "bare.h"

NTSTATUS NTAPI NtCreateProcess(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, HANDLE, BOOLEAN, HANDLE, HANDLE, HANDLE);
NTSTATUS NTAPI NtMapViewOfSection(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *, int, ULONG, ULONG);

static volatile int own = 5;
static volatile int *shared, *alone;

static void *view(HANDLE section, int inherit)
{
    void *at = 0;
    SIZE_T size = 0;
    CHECK(NtMapViewOfSection(section, NtCurrentProcess(), &at, 0, 0, 0, &size, inherit, 0, PAGE_READWRITE) == 0);
    return at;
}

/* The copy's only thread. */
void begun(void)
{
    CHECK(own == 5 && *shared == 7);
    CHECK(*peb() == 1); /* InheritedAddressSpace */
    *shared = 8;
    own = 9;
    NtTerminateProcess(NtCurrentProcess(), 33);
}

void start(void)
{
    LARGE_INTEGER size = { .QuadPart = 0x1000 };
    HANDLE section, process, thread;
    ULONG before;
    int found = 0;
    SIZE_T done;
    CLIENT_ID client;

    say("copied\n");
    CHECK(NtCreateSection(&section, SECTION_ALL_ACCESS, 0, &size, PAGE_READWRITE, SEC_COMMIT, 0) == 0);
    shared = view(section, 1);
    alone = view(section, 2);
    *shared = 6;
    CHECK(NtCreateProcess(&process, PROCESS_ALL_ACCESS, 0, NtCurrentProcess(), 1, 0, 0, 0) == 0);
    own = 6;
    *shared = 7;
    CHECK(NtReadVirtualMemory(process, (void *)&own, &found, 4, &done) == 0 && found == 5);
    CHECK(NtReadVirtualMemory(process, (void *)shared, &found, 4, &done) == 0 && found == 7);
    CHECK(NtReadVirtualMemory(process, (void *)alone, &found, 4, &done) != 0 && *alone == 7);
    thread = thread_of(process, begun, &client);
    CHECK(NtResumeThread(thread, &before) == 0 && before == 1);
    CHECK(status_after(process) == 33);
    CHECK(own == 6 && *shared == 8 && *peb() == 0);
    NtTerminateProcess(NtCurrentProcess(), 0);
}
