/* What a program of Windows does that makes a person look twice. */
#include "../windows/direct.h"

NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, void **, ULONG_PTR, SIZE_T *, ULONG, ULONG);
NTSTATUS NTAPI NtCreateMutant(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, BOOLEAN);
NTSTATUS NTAPI NtProtectVirtualMemory(HANDLE, void **, SIZE_T *, ULONG, ULONG *);
NTSTATUS NTAPI NtCreateKey(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG, UNICODE_STRING *, ULONG, ULONG *);
NTSTATUS NTAPI NtSetValueKey(HANDLE, UNICODE_STRING *, ULONG, ULONG, void *, ULONG);

NTSTATUS NTAPI NtDeleteFile(OBJECT_ATTRIBUTES *);

static void memory_and_names(void)
{
    void *base = 0;
    SIZE_T size = 4096;
    ULONG old, port[2];
    HANDLE mutant;
    UNICODE_STRING name = NAME(L"\\BaseNamedObjects\\only-once");
    OBJECT_ATTRIBUTES attributes = { sizeof attributes, .ObjectName = &name };
    CHECK(NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_COMMIT, PAGE_READWRITE) == 0);
    CHECK(NtProtectVirtualMemory(NtCurrentProcess(), &base, &size, PAGE_EXECUTE_READWRITE, &old) == 0);
    NtCreateMutant(&mutant, MUTANT_ALL_ACCESS, &attributes, 0);
    NtQueryInformationProcess(NtCurrentProcess(), 7, port, sizeof(void *), 0);
}

static void files(void)
{
    UNICODE_STRING name = NAME(L"\\??\\C:\\dropped.exe");
    OBJECT_ATTRIBUTES attributes = { sizeof attributes, .ObjectName = &name, .Attributes = OBJ_CASE_INSENSITIVE };
    IO_STATUS_BLOCK io;
    HANDLE file;
    CHECK(NtCreateFile(&file, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &attributes, &io, 0, 0, 0, FILE_CREATE,
                       FILE_SYNCHRONOUS_IO_NONALERT, 0, 0) == 0);
    CHECK(NtWriteFile(file, 0, 0, 0, &io, "MZ", 2, 0, 0) == 0);
    CHECK(NtClose(file) == 0);
    CHECK(NtDeleteFile(&attributes) == 0);
}

static void runs(void)
{
    static const WCHAR *const names[] = {
        L"\\Registry\\Machine\\Software", L"\\Registry\\Machine\\Software\\Microsoft",
        L"\\Registry\\Machine\\Software\\Microsoft\\Windows", L"\\Registry\\Machine\\Software\\Microsoft\\Windows\\CurrentVersion",
        L"\\Registry\\Machine\\Software\\Microsoft\\Windows\\CurrentVersion\\Run",
    };
    HANDLE key;
    for (int at = 0; at < 5; at++) {
        USHORT size = 0;
        while (names[at][size])
            size++;
        UNICODE_STRING name = { 2 * size, 2 * size, (WCHAR *)names[at] };
        OBJECT_ATTRIBUTES attributes = { sizeof attributes, .ObjectName = &name, .Attributes = OBJ_CASE_INSENSITIVE };
        CHECK(NtCreateKey(&key, KEY_ALL_ACCESS, &attributes, 0, 0, 0, 0) == 0);
    }
    UNICODE_STRING value = NAME(L"update");
    CHECK(NtSetValueKey(key, &value, 0, 1, L"C:\\dropped.exe", 30) == 0);
}

void start(void)
{
    memory_and_names();
    files();
    runs();
    NtTerminateProcess(NtCurrentProcess(), 0);
}
