/* Packets that wait for objects on behalf of a port, memory put aside for packets and calls, and what changes in a directory.
   Exit status: 0, or the line on which something was wrong. */
#include "direct.h"

#define STATUS_CANCELLED_ (NTSTATUS)0xc0000120
#define MISMATCH (NTSTATUS)0xc0000024

NTSTATUS NTAPI NtCreateIoCompletion(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG);
NTSTATUS NTAPI NtRemoveIoCompletion(HANDLE, void **, void **, IO_STATUS_BLOCK *, LARGE_INTEGER *);
NTSTATUS NTAPI NtSetIoCompletionEx(HANDLE, HANDLE, void *, void *, NTSTATUS, ULONG_PTR);
NTSTATUS NTAPI NtCreateWaitCompletionPacket(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtAssociateWaitCompletionPacket(HANDLE, HANDLE, HANDLE, void *, void *, NTSTATUS, ULONG_PTR, BOOLEAN *);
NTSTATUS NTAPI NtCancelWaitCompletionPacket(HANDLE, BOOLEAN);
NTSTATUS NTAPI NtAllocateReserveObject(HANDLE *, OBJECT_ATTRIBUTES *, int);
NTSTATUS NTAPI NtQueueApcThreadEx(HANDLE, HANDLE, void *, void *, void *, void *);
NTSTATUS NTAPI NtTestAlert(void);
NTSTATUS NTAPI NtNotifyChangeDirectoryFileEx(HANDLE, HANDLE, void *, void *, IO_STATUS_BLOCK *, void *, ULONG, ULONG, BOOLEAN, int);
NTSTATUS NTAPI NtCreateEvent(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, int, BOOLEAN);
NTSTATUS NTAPI NtSetEvent(HANDLE, LONG *);
NTSTATUS NTAPI NtCreateThreadEx(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, HANDLE, void *, void *, ULONG, SIZE_T, SIZE_T, SIZE_T, void *);

static HANDLE port, packet, event;
static ULONG_PTR called;

static void NTAPI call(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    called = called * 1000 + a * 100 + b * 10 + c;
}

static NTSTATUS NTAPI thread(void *argument)
{
    return 0;
}

/* The key of the next packet at the port, 0 when there is none. */
static ULONG_PTR next(LONGLONG wait)
{
    LARGE_INTEGER timeout = { .QuadPart = wait };
    IO_STATUS_BLOCK io;
    void *key, *argument;
    NTSTATUS status = NtRemoveIoCompletion(port, &key, &argument, &io, &timeout);

    if (status == STATUS_TIMEOUT)
        return 0;
    CHECK(status == 0 && argument == (void *)2 && io.Status == 3 && io.Information == 4);
    return (ULONG_PTR)key;
}

static NTSTATUS associate(HANDLE object, ULONG_PTR key, BOOLEAN *already)
{
    return NtAssociateWaitCompletionPacket(packet, port, object, (void *)key, (void *)2, 3, 4, already);
}

static void waits(void)
{
    LARGE_INTEGER zero = { .QuadPart = 0 };
    BOOLEAN already = 7;
    HANDLE other;

    CHECK(NtCreateWaitCompletionPacket(&packet, MAXIMUM_ALLOWED, 0) == 0);
    CHECK(NtCancelWaitCompletionPacket(packet, 1) == STATUS_CANCELLED_);
    CHECK(associate(port, 1, 0) == 0 && NtCancelWaitCompletionPacket(packet, 0) == 0);
    CHECK(associate(packet, 1, 0) < 0);
    CHECK(associate(event, 1, &already) == 0 && already == 0);
    CHECK(associate(event, 2, 0) < 0);
    CHECK(next(0) == 0);
    CHECK(NtSetEvent(event, 0) == 0);
    CHECK(NtWaitForSingleObject(event, 0, &zero) == STATUS_TIMEOUT);
    CHECK(next(0) == 1);

    /* What is signaled already; the packet is there until it is taken, in either way. */
    CHECK(NtSetEvent(event, 0) == 0);
    CHECK(associate(event, 2, &already) == 0 && already == 1);
    CHECK(associate(event, 3, 0) < 0);
    CHECK(NtCancelWaitCompletionPacket(packet, 0) == STATUS_PENDING);
    CHECK(NtCancelWaitCompletionPacket(packet, 1) == 0);
    CHECK(next(0) == 0);

    /* What nobody waits for any more. */
    CHECK(associate(event, 4, 0) == 0 && NtCancelWaitCompletionPacket(packet, 0) == 0);
    CHECK(NtSetEvent(event, 0) == 0 && next(0) == 0);
    CHECK(NtWaitForSingleObject(event, 0, &zero) == 0);

    /* A thread that ends, and one that has ended. */
    CHECK(NtCreateThreadEx(&other, THREAD_ALL_ACCESS, 0, NtCurrentProcess(), thread, 0, 0, 0, 0, 0, 0) == 0);
    CHECK(associate(other, 5, &already) == 0 && already == 0);
    CHECK(next(-10000000) == 5);
    CHECK(associate(other, 6, &already) == 0 && already == 1);
    CHECK(next(0) == 6);
    CHECK(associate(event, 7, 0) == 0 && NtClose(packet) == 0);
    CHECK(NtSetEvent(event, 0) == 0 && next(0) == 0);
}

static void reserves(void)
{
    HANDLE calls, packets, bad;

    CHECK(NtAllocateReserveObject(&bad, 0, 2) == STATUS_INVALID_PARAMETER);
    CHECK(NtAllocateReserveObject(&calls, 0, 0) == 0);
    CHECK(NtAllocateReserveObject(&packets, 0, 1) == 0);
    CHECK(NtSetIoCompletionEx(port, calls, (void *)1, (void *)2, 3, 4) == MISMATCH);
    CHECK(NtSetIoCompletionEx(port, packets, (void *)8, (void *)2, 3, 4) == 0);
    CHECK(NtSetIoCompletionEx(port, packets, (void *)9, (void *)2, 3, 4) < 0);
    CHECK(next(0) == 8 && next(0) == 0);
    CHECK(NtSetIoCompletionEx(port, packets, (void *)9, (void *)2, 3, 4) == 0);
    CHECK(next(0) == 9);
    CHECK(NtQueueApcThreadEx((HANDLE)-2, packets, call, (void *)1, (void *)2, (void *)3) == MISMATCH);
    CHECK(NtQueueApcThreadEx((HANDLE)-2, calls, call, (void *)1, (void *)2, (void *)3) == 0);
    CHECK(NtQueueApcThreadEx((HANDLE)-2, calls, call, (void *)4, (void *)5, (void *)6) < 0);
    CHECK(called == 0 && NtTestAlert() == 0 && called == 123);
    CHECK(NtQueueApcThreadEx((HANDLE)-2, calls, call, (void *)4, (void *)5, (void *)6) == 0);
    CHECK(NtTestAlert() == 0 && called == 123456);
}

/* What changes in a directory, by the later call. */
static void changes(void)
{
    OBJECT_ATTRIBUTES attributes = { sizeof attributes };
    UNICODE_STRING root = NAME(L"\\??\\C:\\"), name = NAME(L"\\??\\C:\\new.txt");
    IO_STATUS_BLOCK io, other;
    HANDLE directory, file;
    struct {
        ULONG next, action, length;
        WCHAR name[20];
    } told = { 0 };

    attributes.ObjectName = &root;
    CHECK(NtCreateFile(&directory, FILE_LIST_DIRECTORY | SYNCHRONIZE, &attributes, &io, 0, 0, 7, FILE_OPEN, FILE_DIRECTORY_FILE, 0, 0) == 0);
    CHECK(NtNotifyChangeDirectoryFileEx(directory, event, 0, 0, &io, &told, sizeof told, 1, 0, 0) == STATUS_INVALID_PARAMETER);
    CHECK(NtNotifyChangeDirectoryFileEx(directory, event, 0, 0, &io, &told, sizeof told, 1, 0, 1) == STATUS_PENDING);
    attributes.ObjectName = &name;
    CHECK(NtCreateFile(&file, FILE_GENERIC_WRITE, &attributes, &other, 0, 0, 0, FILE_CREATE, FILE_SYNCHRONOUS_IO_NONALERT, 0, 0) == 0);
    CHECK(NtWaitForSingleObject(event, 0, 0) == 0);
    CHECK(io.Status == 0 && told.action == 1 && told.length == 14 && told.name[0] == 'n');
}

void start(void)
{
    say("packets\n");
    CHECK(NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, 0, 0) == 0);
    CHECK(NtCreateEvent(&event, EVENT_ALL_ACCESS, 0, 1, 0) == 0);
    waits();
    reserves();
    changes();
    NtTerminateProcess(NtCurrentProcess(), 0);
}
