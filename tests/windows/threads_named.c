/* Objects with names: made, found, of another kind, gone with their last handle; handles and what they may be used for. */

#include <stdio.h>
#include <windows.h>
#include <winternl.h>

#define NAME(text) { sizeof(text) - 2, sizeof(text), (WCHAR *)(text) }

NTSTATUS NTAPI NtCreateDirectoryObject(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtOpenDirectoryObject(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtCreateSymbolicLinkObject(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, UNICODE_STRING *);
NTSTATUS NTAPI NtOpenSymbolicLinkObject(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtQuerySymbolicLinkObject(HANDLE, UNICODE_STRING *, ULONG *);
NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE, void *, ULONG, BOOLEAN, BOOLEAN, ULONG *, ULONG *);
NTSTATUS NTAPI NtOpenEvent(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtCreateEvent(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, int, BOOLEAN);

static void told(const char *what, HANDLE handle)
{
    DWORD error = GetLastError();
    printf("%s: %d %lu\n", what, handle != NULL, error);
    SetLastError(0);
}

static void direct(void)
{
    static UNICODE_STRING names[] = {
        NAME(L"\\BaseNamedObjects\\emu-directory"), NAME(L"one"), NAME(L"two"), NAME(L"emu-none\\one"),
        NAME(L"\\BaseNamedObjects\\emu-directory\\one"), NAME(L"link"), NAME(L"BaseNamedObjects"),
        NAME(L"\\BaseNamedObjects\\emu-directory\\link\\emu-directory\\TWO"),
    };
    static UNICODE_STRING target = NAME(L"\\BaseNamedObjects");
    OBJECT_ATTRIBUTES attributes;
    HANDLE directory, link, one, two, other;
    WCHAR buffer[64];
    UNICODE_STRING read = { 0, sizeof buffer, buffer };
    struct { UNICODE_STRING name, kind; char rest[1000]; } list;
    ULONG context = 0, length = 0;

    InitializeObjectAttributes(&attributes, &names[0], OBJ_OPENIF, 0, 0);
    printf("directory %lx", NtCreateDirectoryObject(&directory, 0xf000f, &attributes));
    InitializeObjectAttributes(&attributes, &names[1], 0, directory, 0);
    printf(" %lx", NtCreateEvent(&one, EVENT_ALL_ACCESS, &attributes, 1, 0));
    printf(" %lx", NtCreateEvent(&other, EVENT_ALL_ACCESS, &attributes, 1, 0));
    attributes.Attributes = OBJ_OPENIF;
    printf(" %lx", NtCreateEvent(&other, EVENT_ALL_ACCESS, &attributes, 1, 0));
    NtClose(other);
    printf(" %lx", NtOpenDirectoryObject(&other, 0xf000f, &attributes));
    InitializeObjectAttributes(&attributes, &names[2], 0, directory, 0);
    printf(" %lx", NtOpenEvent(&other, EVENT_ALL_ACCESS, &attributes));
    printf(" %lx\n", NtCreateEvent(&two, EVENT_ALL_ACCESS, &attributes, 1, 0));
    InitializeObjectAttributes(&attributes, &names[3], 0, directory, 0);
    printf("names %lx", NtOpenEvent(&other, EVENT_ALL_ACCESS, &attributes));
    InitializeObjectAttributes(&attributes, &names[4], 0, directory, 0);
    printf(" %lx", NtOpenEvent(&other, EVENT_ALL_ACCESS, &attributes));
    InitializeObjectAttributes(&attributes, &names[4], 0, one, 0);
    printf(" %lx", NtOpenEvent(&other, EVENT_ALL_ACCESS, &attributes));
    InitializeObjectAttributes(&attributes, &names[6], 0, 0, 0);
    printf(" %lx\n", NtOpenEvent(&other, EVENT_ALL_ACCESS, &attributes));
    InitializeObjectAttributes(&attributes, &names[5], 0, directory, 0);
    printf("link %lx", NtCreateSymbolicLinkObject(&link, 0xf0001, &attributes, &target));
    NtClose(link);
    printf(" %lx", NtCreateSymbolicLinkObject(&link, 0xf0001, &attributes, &target));
    printf(" %lx", NtOpenSymbolicLinkObject(&other, 0xf0001, &attributes));
    printf(" %lx", NtQuerySymbolicLinkObject(other, &read, NULL));
    printf(" %.*ls", read.Length / 2, buffer);
    InitializeObjectAttributes(&attributes, &names[7], 0, 0, 0);
    printf(" %lx", NtOpenEvent(&other, EVENT_ALL_ACCESS, &attributes));
    attributes.Attributes = OBJ_CASE_INSENSITIVE;
    printf(" %lx\n", NtOpenEvent(&other, EVENT_ALL_ACCESS, &attributes));
    /* The names come in any order. */
    int names_seen = 0, kinds_seen = 0;
    NTSTATUS status;
    while ((status = NtQueryDirectoryObject(directory, &list, sizeof list, TRUE, !context, &context, &length)) == 0) {
        names_seen += list.name.Buffer[0] * list.name.Length;
        kinds_seen += list.kind.Buffer[0] * list.kind.Length;
    }
    printf("list %lx %lu %d %d\n", status, context, names_seen, kinds_seen);
}

int main(void)
{
    HANDLE event, mutex, section, timer, semaphore, again;
    DWORD flags;
    void *one, *two;

    event = CreateEventW(NULL, FALSE, FALSE, L"emu-event");
    told("event", event);
    again = CreateEventW(NULL, FALSE, FALSE, L"emu-event");
    told("again", again);
    SetEvent(event);
    printf("the same: %lu\n", WaitForSingleObject(again, 0));
    CloseHandle(again);
    again = OpenEventW(SYNCHRONIZE, FALSE, L"Local\\emu-event");
    told("local", again);
    printf("set without access: %d", SetEvent(again));
    printf(" %lu\n", GetLastError());
    told("other case", OpenEventW(SYNCHRONIZE, FALSE, L"EMU-EVENT"));
    told("other kind", CreateMutexW(NULL, FALSE, L"emu-event"));
    told("open other kind", OpenMutexW(SYNCHRONIZE, FALSE, L"emu-event"));
    CloseHandle(again);
    CloseHandle(event);
    told("gone", OpenEventW(SYNCHRONIZE, FALSE, L"emu-event"));
    told("no path", OpenEventW(SYNCHRONIZE, FALSE, L"emu-no\\event"));
    mutex = CreateMutexW(NULL, TRUE, L"Global\\emu-mutex");
    told("mutex", mutex);
    told("open mutex", OpenMutexW(MUTEX_ALL_ACCESS, FALSE, L"Global\\emu-mutex"));
    semaphore = CreateSemaphoreW(NULL, 1, 3, L"emu-semaphore");
    told("semaphore", semaphore);
    told("open semaphore", OpenSemaphoreW(SEMAPHORE_ALL_ACCESS, FALSE, L"emu-semaphore"));
    timer = CreateWaitableTimerW(NULL, TRUE, L"emu-timer");
    told("timer", timer);
    told("open timer", OpenWaitableTimerW(TIMER_ALL_ACCESS, FALSE, L"emu-timer"));
    section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, L"emu-section");
    told("section", section);
    again = OpenFileMappingW(FILE_MAP_WRITE, FALSE, L"emu-section");
    told("open section", again);
    one = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    two = MapViewOfFile(again, FILE_MAP_WRITE, 0, 0, 0);
    *(volatile int *)one = 77;
    printf("shared: %d\n", *(volatile int *)two);
    again = OpenFileMappingW(FILE_MAP_READ, FALSE, L"emu-section");
    told("write what may be read", MapViewOfFile(again, FILE_MAP_WRITE, 0, 0, 0));
    two = MapViewOfFile(again, FILE_MAP_READ, 0, 0, 0);
    printf("read: %d\n", *(volatile int *)two);

    DuplicateHandle(GetCurrentProcess(), semaphore, GetCurrentProcess(), &again, SYNCHRONIZE, TRUE, 0);
    printf("release: %d", ReleaseSemaphore(again, 1, NULL));
    printf(" %lu\n", GetLastError());
    GetHandleInformation(again, &flags);
    printf("flags %lu", flags);
    SetHandleInformation(again, HANDLE_FLAG_PROTECT_FROM_CLOSE | HANDLE_FLAG_INHERIT, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    GetHandleInformation(again, &flags);
    printf(" %lu", flags);
    printf(" %d", CloseHandle(again));
    SetHandleInformation(again, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    printf(" %d\n", CloseHandle(again));
    direct();
    return 0;
}
