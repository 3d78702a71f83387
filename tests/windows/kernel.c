/* Sections, what is known of files, keys and values, handles.
   Exit status: 0, or the line on which something was wrong. */
#include "direct.h"

NTSTATUS NTAPI NtCreateSection(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, LARGE_INTEGER *, ULONG, ULONG, HANDLE);
NTSTATUS NTAPI NtMapViewOfSection(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *, int, ULONG, ULONG);
NTSTATUS NTAPI NtUnmapViewOfSection(HANDLE, void *);
NTSTATUS NTAPI NtFreeVirtualMemory(HANDLE, void **, SIZE_T *, ULONG);
NTSTATUS NTAPI NtProtectVirtualMemory(HANDLE, void **, SIZE_T *, ULONG, ULONG *);
NTSTATUS NTAPI NtDuplicateObject(HANDLE, HANDLE, HANDLE, HANDLE *, ACCESS_MASK, ULONG, ULONG);
NTSTATUS NTAPI NtDeleteFile(OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtQueryAttributesFile(OBJECT_ATTRIBUTES *, void *);
NTSTATUS NTAPI NtCreateKey(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG, UNICODE_STRING *, ULONG, ULONG *);
NTSTATUS NTAPI NtOpenKey(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtSetValueKey(HANDLE, UNICODE_STRING *, ULONG, ULONG, void *, ULONG);
NTSTATUS NTAPI NtQueryValueKey(HANDLE, UNICODE_STRING *, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtEnumerateKey(HANDLE, ULONG, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtEnumerateValueKey(HANDLE, ULONG, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtDeleteKey(HANDLE);

static void files(void)
{
    UNICODE_STRING name = NAME(L"\\??\\C:\\kernel.txt");
    OBJECT_ATTRIBUTES attributes = { sizeof attributes, .ObjectName = &name, .Attributes = OBJ_CASE_INSENSITIVE };
    IO_STATUS_BLOCK io;
    HANDLE file, other, section;
    LARGE_INTEGER at = { .QuadPart = 3 }, offset = { .QuadPart = 0 };
    struct { LARGE_INTEGER allocated, end; ULONG links; BOOLEAN deletes, directory; } standard;
    char bytes[64];
    char *view = 0, *second = 0;
    SIZE_T size = 0;
    ULONG old;
    void *base;

    CHECK(NtCreateFile(&file, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &attributes, &io, 0, 0, 0, FILE_CREATE,
                       FILE_SYNCHRONOUS_IO_NONALERT, 0, 0) == 0);
    CHECK(NtWriteFile(file, 0, 0, 0, &io, "0123456789", 10, 0, 0) == 0);
    CHECK(NtQueryInformationFile(file, &io, &standard, sizeof standard, 5) == 0 && io.Information == 24);
    CHECK(standard.end.QuadPart == 10 && standard.links == 1 && !standard.directory);
    CHECK(NtQueryInformationFile(file, &io, &standard, 8, 5) == (NTSTATUS)0xc0000004);
    CHECK(NtSetInformationFile(file, &io, &at, 8, 14) == 0);
    CHECK(NtDuplicateObject(NtCurrentProcess(), file, NtCurrentProcess(), &other, 0, 0, 2) == 0 && other != file);
    CHECK(NtReadFile(other, 0, 0, 0, &io, bytes, 2, 0, 0) == 0 && bytes[0] == '3' && bytes[1] == '4');
    CHECK(NtClose(other) == 0);

    CHECK(NtCreateSection(&section, SECTION_ALL_ACCESS, 0, 0, PAGE_READWRITE, SEC_COMMIT, file) == 0);
    CHECK(NtMapViewOfSection(section, NtCurrentProcess(), (void **)&view, 0, 0, &offset, &size, 1, 0, PAGE_READWRITE) == 0);
    CHECK(size == 4096 && view[9] == '9' && view[10] == 0);
    size = 0;
    CHECK(NtMapViewOfSection(section, NtCurrentProcess(), (void **)&second, 0, 0, 0, &size, 1, 0, PAGE_WRITECOPY) == 0);
    second[1] = 'x';
    view[0] = 'a';
    CHECK(view[1] == '1');
    at.QuadPart = 0;
    CHECK(NtReadFile(file, 0, 0, 0, &io, bytes, 2, &at, 0) == 0 && bytes[0] == 'a' && bytes[1] == '1');
    size = 0;
    CHECK(NtFreeVirtualMemory(NtCurrentProcess(), (void **)&view, &size, MEM_RELEASE) == (NTSTATUS)0xc000001b);
    CHECK(NtUnmapViewOfSection(NtCurrentProcess(), view + 100) == 0);
    CHECK(NtUnmapViewOfSection(NtCurrentProcess(), view) == (NTSTATUS)0xc0000019);
    CHECK(NtUnmapViewOfSection(NtCurrentProcess(), second) == 0);
    CHECK(NtClose(section) == 0);

    /* What was made for reading only is not written through a view. */
    CHECK(NtCreateSection(&section, SECTION_ALL_ACCESS, 0, 0, PAGE_READONLY, SEC_COMMIT, file) == 0);
    view = 0;
    size = 0;
    CHECK(NtMapViewOfSection(section, NtCurrentProcess(), (void **)&view, 0, 0, 0, &size, 1, 0, PAGE_READWRITE) == (NTSTATUS)0xc000004e);
    CHECK(NtMapViewOfSection(section, NtCurrentProcess(), (void **)&view, 0, 0, 0, &size, 1, 0, PAGE_READONLY) == 0);
    base = view;
    size = 1;
    CHECK(NtProtectVirtualMemory(NtCurrentProcess(), &base, &size, PAGE_READWRITE, &old) == (NTSTATUS)0xc000004e);
    CHECK(NtClose(file) == 0);

    CHECK(NtQueryAttributesFile(&attributes, bytes) == 0 && *(ULONG *)(bytes + 32) == FILE_ATTRIBUTE_ARCHIVE);
    CHECK(NtDeleteFile(&attributes) == 0);
    CHECK(NtQueryAttributesFile(&attributes, bytes) == (NTSTATUS)0xc0000034);
}

static void keys(void)
{
    UNICODE_STRING name = NAME(L"\\Registry\\Machine\\Software\\Guest"), deeper = NAME(L"Deeper"), value = NAME(L"Value"),
                   upper = NAME(L"VALUE"), missing = NAME(L"a\\b");
    OBJECT_ATTRIBUTES attributes = { sizeof attributes, .ObjectName = &name, .Attributes = OBJ_CASE_INSENSITIVE };
    HANDLE key, below, again;
    ULONG disposition, count, number = 0x12345678;
    struct { ULONG index, type, length, data; ULONG more[8]; } partial;
    struct { LARGE_INTEGER written; ULONG index, length; WCHAR name[16]; } basic;

    CHECK(NtOpenKey(&key, KEY_ALL_ACCESS, &attributes) == (NTSTATUS)0xc0000034);
    CHECK(NtCreateKey(&key, KEY_ALL_ACCESS, &attributes, 0, 0, 0, &disposition) == 0 && disposition == 1);
    CHECK(NtCreateKey(&again, KEY_ALL_ACCESS, &attributes, 0, 0, 0, &disposition) == 0 && disposition == 2);
    attributes.RootDirectory = key;
    attributes.ObjectName = &missing;
    CHECK(NtCreateKey(&below, KEY_ALL_ACCESS, &attributes, 0, 0, 0, &disposition) == (NTSTATUS)0xc0000034);
    attributes.ObjectName = &deeper;
    CHECK(NtCreateKey(&below, KEY_ALL_ACCESS, &attributes, 0, 0, 0, 0) == 0);
    CHECK(NtSetValueKey(key, &value, 0, REG_DWORD, &number, 4) == 0);
    CHECK(NtQueryValueKey(again, &upper, 2, &partial, sizeof partial, &count) == 0 && count == 16);
    CHECK(partial.type == REG_DWORD && partial.length == 4 && partial.data == number);
    CHECK(NtQueryValueKey(again, &upper, 2, &partial, 14, &count) == (NTSTATUS)0x80000005 && count == 16);
    CHECK(NtQueryValueKey(again, &upper, 2, &partial, 8, &count) == (NTSTATUS)0xc0000023);
    CHECK(NtQueryValueKey(again, &deeper, 2, &partial, sizeof partial, &count) == (NTSTATUS)0xc0000034);
    CHECK(NtEnumerateKey(key, 0, 0, &basic, sizeof basic, &count) == 0 && basic.length == 12 && basic.name[0] == 'D');
    CHECK(NtEnumerateKey(key, 1, 0, &basic, sizeof basic, &count) == (NTSTATUS)0x8000001a);
    CHECK(NtEnumerateValueKey(key, 1, 0, &partial, sizeof partial, &count) == (NTSTATUS)0x8000001a);
    CHECK(NtDeleteKey(key) == (NTSTATUS)0xc0000121);
    CHECK(NtDeleteKey(below) == 0 && NtDeleteKey(key) == 0);
    CHECK(NtSetValueKey(again, &value, 0, REG_DWORD, &number, 4) == (NTSTATUS)0xc000017c);
}

void start(void)
{
    files();
    keys();
    say("kernel\n");
    NtTerminateProcess(NtCurrentProcess(), 0);
}
