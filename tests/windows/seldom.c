/* Calls that are seldom made: atoms, the clock's resolution, locked pages, sections that grow, what only administrators may.
   Exit status: 0, or the line on which something was wrong. */
#include "direct.h"

NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, void **, ULONG_PTR, SIZE_T *, ULONG, ULONG);
NTSTATUS NTAPI NtDeleteFile(OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtAddAtom(const wchar_t *, ULONG, USHORT *);
NTSTATUS NTAPI NtFindAtom(const wchar_t *, ULONG, USHORT *);
NTSTATUS NTAPI NtDeleteAtom(USHORT);
NTSTATUS NTAPI NtQueryInformationAtom(USHORT, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtQueryTimerResolution(ULONG *, ULONG *, ULONG *);
NTSTATUS NTAPI NtSetTimerResolution(ULONG, BOOLEAN, ULONG *);
NTSTATUS NTAPI NtLockVirtualMemory(HANDLE, void **, SIZE_T *, ULONG);
NTSTATUS NTAPI NtUnlockVirtualMemory(HANDLE, void **, SIZE_T *, ULONG);
NTSTATUS NTAPI NtFlushVirtualMemory(HANDLE, void **, SIZE_T *, IO_STATUS_BLOCK *);
NTSTATUS NTAPI NtFlushInstructionCache(HANDLE, void *, SIZE_T);
NTSTATUS NTAPI NtExtendSection(HANDLE, LARGE_INTEGER *);
NTSTATUS NTAPI NtAreMappedFilesTheSame(void *, void *);
NTSTATUS NTAPI NtCreateSection(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, LARGE_INTEGER *, ULONG, ULONG, HANDLE);
NTSTATUS NTAPI NtMapViewOfSection(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *, int, ULONG, ULONG);
NTSTATUS NTAPI NtSetSystemTime(LARGE_INTEGER *, LARGE_INTEGER *);
NTSTATUS NTAPI NtShutdownSystem(int);
NTSTATUS NTAPI NtLoadDriver(UNICODE_STRING *);
NTSTATUS NTAPI NtRaiseHardError(NTSTATUS, ULONG, ULONG, ULONG_PTR *, ULONG, ULONG *);

#define STATUS(value) ((NTSTATUS)(value))

static void atoms(void)
{
    struct { USHORT uses, flags, bytes; wchar_t name[8]; } told;
    USHORT first, second;

    CHECK(NtAddAtom(L"Apple", 10, &first) == 0 && first >= 0xc000);
    CHECK(NtAddAtom(L"aPPLE", 10, &second) == 0 && second == first);
    CHECK(NtAddAtom(L"Pear", 8, &second) == 0 && second != first);
    CHECK(NtFindAtom(L"APPLE", 10, &second) == 0 && second == first);
    CHECK(NtFindAtom(L"#77", 6, &second) == 0 && second == 77);
    CHECK(NtFindAtom(L"Plum", 8, &second) == STATUS(0xc0000034));
    CHECK(NtAddAtom(L"", 0, &second) == STATUS(0xc0000033));
    CHECK(NtQueryInformationAtom(first, 0, &told, sizeof told, 0) == 0);
    CHECK(told.uses == 2 && told.bytes == 10 && told.name[0] == 'A' && told.name[4] == 'e' && told.name[5] == 0);
    CHECK(NtQueryInformationAtom(first, 0, &told, 6, 0) == STATUS(0xc0000004));
    CHECK(NtDeleteAtom(first) == 0 && NtDeleteAtom(first) == 0);
    CHECK(NtDeleteAtom(first) == STATUS(0xc0000008));
}

static void resolution(void)
{
    ULONG coarse, fine, now;

    CHECK(NtQueryTimerResolution(&coarse, &fine, &now) == 0 && coarse >= now && now >= fine);
    CHECK(NtSetTimerResolution(0, 0, &now) == STATUS(0xc0000245));
    CHECK(NtSetTimerResolution(1, 1, &now) == 0 && now == fine);
    CHECK(NtQueryTimerResolution(&coarse, &fine, &now) == 0 && now == fine);
    CHECK(NtSetTimerResolution(0, 0, &now) == 0 && now == coarse);
}

static void memory(void)
{
    UNICODE_STRING name = NAME(L"\\??\\C:\\seldom.txt");
    OBJECT_ATTRIBUTES attributes = { sizeof attributes, .ObjectName = &name, .Attributes = OBJ_CASE_INSENSITIVE };
    IO_STATUS_BLOCK io;
    HANDLE file, section, anonymous;
    LARGE_INTEGER size = { .QuadPart = 5000 };
    char *view = 0, *other = 0, *own = 0;
    SIZE_T length = 0;
    void *at;

    CHECK(NtCreateFile(&file, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &attributes, &io, 0, 0, 0, FILE_CREATE,
                       FILE_SYNCHRONOUS_IO_NONALERT, 0, 0) == 0);
    CHECK(NtWriteFile(file, 0, 0, 0, &io, "0123456789", 10, 0, 0) == 0);
    CHECK(NtCreateSection(&section, SECTION_ALL_ACCESS, 0, 0, PAGE_READWRITE, SEC_COMMIT, file) == 0);
    CHECK(NtMapViewOfSection(section, NtCurrentProcess(), (void **)&view, 0, 0, 0, &length, 1, 0, PAGE_READWRITE) == 0);
    CHECK(length == 4096);
    CHECK(NtExtendSection(section, &size) == 0 && size.QuadPart == 5000);
    length = 0;
    CHECK(NtMapViewOfSection(section, NtCurrentProcess(), (void **)&other, 0, 0, 0, &length, 1, 0, PAGE_READWRITE) == 0);
    CHECK(length == 8192 && other[9] == '9' && other[4096] == 0);
    CHECK(NtAreMappedFilesTheSame(view, other) == 0);
    length = 0;
    at = other + 1;
    CHECK(NtFlushVirtualMemory(NtCurrentProcess(), &at, &length, &io) == 0 && at == other);
    size.QuadPart = 4096;
    CHECK(NtCreateSection(&anonymous, SECTION_ALL_ACCESS, 0, &size, PAGE_READWRITE, SEC_COMMIT, 0) == 0);
    CHECK(NtExtendSection(anonymous, &size) == STATUS(0xc0000087));
    CHECK(NtClose(file) == 0 && NtDeleteFile(&attributes) == 0);

    length = 8192;
    CHECK(NtAllocateVirtualMemory(NtCurrentProcess(), (void **)&own, 0, &length, MEM_COMMIT, PAGE_READWRITE) == 0);
    at = own;
    CHECK(NtFlushVirtualMemory(NtCurrentProcess(), &at, &length, &io) == STATUS(0xc0000088));
    CHECK(NtAreMappedFilesTheSame(view, own) == STATUS(0xc0000018));
    at = own + 100;
    length = 10;
    CHECK(NtLockVirtualMemory(NtCurrentProcess(), &at, &length, 1) == 0 && at == own && length == 4096);
    CHECK(NtLockVirtualMemory(NtCurrentProcess(), &at, &length, 1) == 0x40000019);
    length = 8192;
    CHECK(NtUnlockVirtualMemory(NtCurrentProcess(), &at, &length, 1) == STATUS(0xc000002a));
    length = 4096;
    CHECK(NtUnlockVirtualMemory(NtCurrentProcess(), &at, &length, 1) == 0);
    CHECK(NtUnlockVirtualMemory(NtCurrentProcess(), &at, &length, 1) == STATUS(0xc000002a));
    CHECK(NtLockVirtualMemory(NtCurrentProcess(), &at, &length, 2) == STATUS(0xc0000061));
    CHECK(NtFlushInstructionCache(NtCurrentProcess(), own, 100) == 0);
    CHECK(NtFlushInstructionCache((HANDLE)0x4444, own, 100) == STATUS(0xc0000008));
}

void start(void)
{
    UNICODE_STRING driver = NAME(L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\Bad");
    LARGE_INTEGER now = { .QuadPart = 1 };
    ULONG response = 9;

    atoms();
    resolution();
    memory();
    CHECK(NtSetSystemTime(&now, 0) == STATUS(0xc0000061));
    CHECK(NtShutdownSystem(0) == STATUS(0xc0000061));
    CHECK(NtLoadDriver(&driver) == STATUS(0xc0000061));
    CHECK(NtRaiseHardError(STATUS(0xc0000005), 0, 0, 0, 1, &response) == 0 && response == 0);
    CHECK(NtRaiseHardError(STATUS(0xc0000005), 0, 0, 0, 6, &response) == STATUS(0xc0000061));
    say("seldom\n");
    NtTerminateProcess(NtCurrentProcess(), 0);
}
