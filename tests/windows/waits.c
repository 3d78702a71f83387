/* What ends waits, asked of the kernel itself: calls left to a thread, alerts, keys, ports, pulses; and how all stands.
   Exit status: 0, or the line on which something was wrong. */
#include "direct.h"

NTSTATUS NTAPI NtCreateThreadEx(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, HANDLE, void *, void *, ULONG, SIZE_T, SIZE_T, SIZE_T, void *);
NTSTATUS NTAPI NtCreateEvent(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, int, BOOLEAN);
NTSTATUS NTAPI NtSetEvent(HANDLE, LONG *);
NTSTATUS NTAPI NtPulseEvent(HANDLE, LONG *);
NTSTATUS NTAPI NtQueryEvent(HANDLE, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtCreateMutant(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, BOOLEAN);
NTSTATUS NTAPI NtReleaseMutant(HANDLE, LONG *);
NTSTATUS NTAPI NtQueryMutant(HANDLE, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtCreateSemaphore(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, LONG, LONG);
NTSTATUS NTAPI NtQuerySemaphore(HANDLE, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtCreateTimer(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, int);
NTSTATUS NTAPI NtSetTimer(HANDLE, LARGE_INTEGER *, void *, void *, BOOLEAN, LONG, BOOLEAN *);
NTSTATUS NTAPI NtCancelTimer(HANDLE, BOOLEAN *);
NTSTATUS NTAPI NtQueryTimer(HANDLE, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtCreateKeyedEvent(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG);
NTSTATUS NTAPI NtWaitForKeyedEvent(HANDLE, void *, BOOLEAN, LARGE_INTEGER *);
NTSTATUS NTAPI NtReleaseKeyedEvent(HANDLE, void *, BOOLEAN, LARGE_INTEGER *);
NTSTATUS NTAPI NtQueueApcThread(HANDLE, void *, void *, void *, void *);
NTSTATUS NTAPI NtTestAlert(void);
NTSTATUS NTAPI NtAlertThread(HANDLE);
NTSTATUS NTAPI NtDelayExecution(BOOLEAN, LARGE_INTEGER *);
NTSTATUS NTAPI NtCreateIoCompletion(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG);
NTSTATUS NTAPI NtSetIoCompletion(HANDLE, void *, void *, NTSTATUS, ULONG_PTR);
NTSTATUS NTAPI NtRemoveIoCompletion(HANDLE, void **, void **, IO_STATUS_BLOCK *, LARGE_INTEGER *);
NTSTATUS NTAPI NtQueryIoCompletion(HANDLE, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtMakeTemporaryObject(HANDLE);
NTSTATUS NTAPI NtOpenEvent(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);

#define SELF ((HANDLE)-2)
#undef STATUS_USER_APC
#undef STATUS_TIMEOUT
#define STATUS_USER_APC 0xc0
#define STATUS_ALERTED 0x101
#define STATUS_TIMEOUT 0x102

static HANDLE keyed, event, port, woken;
static ULONG_PTR sum;
static volatile LONG released, pulsed;
static LARGE_INTEGER now = { .QuadPart = 0 }, soon = { .QuadPart = -100000 }, later = { .QuadPart = -100000000 };

static void NTAPI add(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    sum = sum * 1000 + a * 100 + b * 10 + c;
    if (c == 9)
        CHECK(NtQueueApcThread(SELF, add, (void *)4, (void *)5, (void *)6) == 0);
}

static void NTAPI rang(void *argument, ULONG low, LONG high)
{
    CHECK(high > 0x1000000);
    sum += (ULONG_PTR)argument;
}

static DWORD WINAPI releaser(void *argument)
{
    CHECK(NtReleaseKeyedEvent(keyed, argument, 0, 0) == 0);
    released++;
    return 0;
}

static DWORD WINAPI waiter(void *argument)
{
    CHECK(NtWaitForSingleObject(event, 0, 0) == 0);
    pulsed++;
    CHECK(NtWaitForSingleObject(event, 1, 0) == STATUS_ALERTED);
    CHECK(NtWaitForSingleObject(event, 1, 0) == STATUS_USER_APC);
    CHECK(NtSetIoCompletion(port, (void *)1, (void *)2, 3, 4) == 0);
    return 0;
}

static HANDLE make(void *function, void *argument)
{
    HANDLE thread;
    CHECK(NtCreateThreadEx(&thread, THREAD_ALL_ACCESS, 0, NtCurrentProcess(), function, argument, 0, 0, 0, 0, 0) == 0);
    return thread;
}

void start(void)
{
    struct { LONG kind, state; } told;
    struct { LONG count; BOOLEAN own, abandoned; } mutant;
    struct { LARGE_INTEGER left; BOOLEAN state; } timed;
    UNICODE_STRING name = NAME(L"\\BaseNamedObjects\\stays");
    OBJECT_ATTRIBUTES attributes = { .Length = sizeof attributes, .ObjectName = &name, .Attributes = 0x10 };
    IO_STATUS_BLOCK io;
    HANDLE timer, thread, other;
    BOOLEAN before;
    LONG depth;
    void *key, *transfer;

    /* Calls are made in order, also those that one of them leaves. */
    CHECK(NtQueueApcThread(SELF, add, (void *)1, (void *)2, (void *)3) == 0);
    CHECK(NtQueueApcThread(SELF, add, (void *)7, (void *)8, (void *)9) == 0);
    CHECK(NtDelayExecution(0, &soon) == 0 && sum == 0);
    CHECK(NtDelayExecution(1, &later) == STATUS_USER_APC && sum == 123789456);
    CHECK(NtDelayExecution(1, &soon) == 0);
    sum = 0;
    CHECK(NtQueueApcThread(SELF, add, (void *)1, (void *)2, (void *)3) == 0);
    CHECK(NtTestAlert() == 0 && sum == 123);
    CHECK(NtAlertThread(SELF) == 0);
    CHECK(NtTestAlert() == STATUS_ALERTED && NtTestAlert() == 0);

    CHECK(NtCreateEvent(&event, EVENT_ALL_ACCESS, 0, 1, 1) == 0);
    CHECK(NtQueryEvent(event, 0, &told, sizeof told, 0) == 0 && told.kind == 1 && told.state == 1);
    CHECK(NtQueryEvent(event, 0, &told, 7, 0) == 0xc0000004);
    CHECK(NtWaitForSingleObject(event, 0, &now) == 0);
    CHECK(NtCreateMutant(&other, MUTANT_ALL_ACCESS, 0, 1) == 0);
    CHECK(NtQueryMutant(other, 0, &mutant, 8, 0) == 0 && mutant.count == 0 && mutant.own && !mutant.abandoned);
    CHECK(NtQueryEvent(other, 0, &told, sizeof told, 0) == 0xc0000024);
    CHECK(NtReleaseMutant(other, &depth) == 0 && depth == 0);
    CHECK(NtReleaseMutant(other, &depth) == 0xc0000046);
    CHECK(NtCreateSemaphore(&other, SYNCHRONIZE, 0, 2, 3) == 0);
    CHECK(NtQuerySemaphore(other, 0, &told, sizeof told, 0) == 0xc0000022);

    CHECK(NtCreateKeyedEvent(&keyed, 0xf0003, 0, 0) == 0);
    CHECK(NtWaitForKeyedEvent(keyed, (void *)0x11, 0, &now) == 0xc00000ef);
    CHECK(NtWaitForKeyedEvent(keyed, (void *)0x10, 0, &now) == STATUS_TIMEOUT);
    thread = make(releaser, (void *)0x20);
    CHECK(NtDelayExecution(0, &soon) == 0 && released == 0);
    CHECK(NtWaitForKeyedEvent(keyed, (void *)0x10, 0, &soon) == STATUS_TIMEOUT && released == 0);
    CHECK(NtWaitForKeyedEvent(keyed, (void *)0x20, 0, 0) == 0);
    CHECK(NtWaitForSingleObject(thread, 0, 0) == 0 && released == 1);

    CHECK(NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, 0, 0) == 0);
    CHECK(NtRemoveIoCompletion(port, &key, &transfer, &io, &now) == STATUS_TIMEOUT);
    thread = make(waiter, 0);
    CHECK(NtDelayExecution(0, &soon) == 0 && pulsed == 0);
    CHECK(NtPulseEvent(event, &depth) == 0 && depth == 0);
    CHECK(NtDelayExecution(0, &soon) == 0 && pulsed == 1);
    CHECK(NtAlertThread(thread) == 0);
    CHECK(NtDelayExecution(0, &soon) == 0);
    sum = 0;
    CHECK(NtQueueApcThread(thread, add, (void *)3, (void *)2, (void *)1) == 0);
    CHECK(NtRemoveIoCompletion(port, &key, &transfer, &io, &later) == 0);
    CHECK(key == (void *)1 && transfer == (void *)2 && io.Status == 3 && io.Information == 4 && sum == 321);
    CHECK(NtSetIoCompletion(port, 0, 0, 0, 0) == 0);
    CHECK(NtQueryIoCompletion(port, 0, &depth, 4, 0) == 0 && depth == 1);

    CHECK(NtCreateTimer(&timer, TIMER_ALL_ACCESS, 0, 0) == 0);
    CHECK(NtSetTimer(timer, &later, 0, 0, 0, 0, &before) == 0 && !before);
    CHECK(NtQueryTimer(timer, 0, &timed, sizeof timed, 0) == 0 && !timed.state);
    CHECK(timed.left.QuadPart > 90000000 && timed.left.QuadPart <= 100000000);
    CHECK(NtCancelTimer(timer, &before) == 0 && !before);
    CHECK(NtWaitForSingleObject(timer, 0, &soon) == STATUS_TIMEOUT);
    sum = 0;
    CHECK(NtSetTimer(timer, &soon, rang, (void *)5, 0, 0, &before) == 0);
    CHECK(NtWaitForSingleObject(timer, 0, 0) == 0 && sum == 0);
    CHECK(NtTestAlert() == 0 && sum == 5);

    /* A name that stays, until it is told not to. */
    CHECK(NtCreateEvent(&other, EVENT_ALL_ACCESS, &attributes, 0, 0) == 0);
    CHECK(NtClose(other) == 0);
    CHECK(NtOpenEvent(&other, EVENT_ALL_ACCESS, &attributes) == 0);
    CHECK(NtMakeTemporaryObject(other) == 0);
    CHECK(NtClose(other) == 0);
    CHECK(NtOpenEvent(&other, EVENT_ALL_ACCESS, &attributes) == 0xc0000034);
    say("waits\n");
    NtTerminateProcess(NtCurrentProcess(), 0);
}
