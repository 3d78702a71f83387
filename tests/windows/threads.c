/* Threads: made, waited for, ended by themselves and by others; two of them take turns.
   Exit status: 0, or the line on which something was wrong. */
#include "direct.h"

NTSTATUS NTAPI NtCreateThreadEx(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, HANDLE, void *, void *, ULONG, SIZE_T, SIZE_T, SIZE_T, void *);
NTSTATUS NTAPI NtTerminateThread(HANDLE, NTSTATUS);
NTSTATUS NTAPI NtCreateEvent(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, int, BOOLEAN);
NTSTATUS NTAPI NtSetEvent(HANDLE, LONG *);
NTSTATUS NTAPI NtWaitForMultipleObjects(ULONG, HANDLE *, int, BOOLEAN, LARGE_INTEGER *);

static HANDLE ping, pong;
static volatile LONG rounds;

static DWORD WINAPI player(void *argument)
{
    CHECK(argument == (void *)5 && NtCurrentTeb()->ProcessEnvironmentBlock);
    for (int round = 0; round < 5; round++) {
        CHECK(NtWaitForSingleObject(ping, 0, 0) == 0);
        rounds++;
        CHECK(NtSetEvent(pong, 0) == 0);
    }
    return 33;
}

static DWORD WINAPI sleeper(void *argument)
{
    NtWaitForSingleObject(argument, 0, 0);
    return 1;
}

static LONG status_of(HANDLE thread)
{
    struct { LONG_PTR status, teb, process, thread, affinity; LONG priorities[2]; } basic;
    CHECK(NtQueryInformationThread(thread, 0, &basic, sizeof basic, 0) == 0);
    return basic.status;
}

void start(void)
{
    HANDLE threads[2], never;
    LARGE_INTEGER zero = { .QuadPart = 0 };

    CHECK(NtCreateEvent(&ping, EVENT_ALL_ACCESS, 0, 1, 0) == 0);
    CHECK(NtCreateEvent(&pong, EVENT_ALL_ACCESS, 0, 1, 0) == 0);
    CHECK(NtCreateEvent(&never, EVENT_ALL_ACCESS, 0, 0, 0) == 0);
    CHECK(NtCreateThreadEx(&threads[0], THREAD_ALL_ACCESS, 0, NtCurrentProcess(), player, (void *)5, 0, 0, 0, 0, 0) == 0);
    CHECK(NtCreateThreadEx(&threads[1], THREAD_ALL_ACCESS, 0, NtCurrentProcess(), sleeper, never, 0, 0, 0, 0x10000, 0) == 0);
    for (int round = 0; round < 5; round++) {
        CHECK(rounds == round);
        CHECK(NtSetEvent(ping, 0) == 0);
        CHECK(NtWaitForSingleObject(pong, 0, 0) == 0);
    }
    /* 1 is for any, 0 for all. */
    CHECK(NtWaitForMultipleObjects(2, threads, 1, 0, 0) == 0);
    CHECK(status_of(threads[0]) == 33);
    CHECK(NtWaitForMultipleObjects(2, threads, 0, 0, &zero) == STATUS_TIMEOUT);
    CHECK(status_of(threads[1]) == STATUS_PENDING);
    CHECK(NtTerminateThread(threads[1], 44) == 0);
    CHECK(NtWaitForMultipleObjects(2, threads, 0, 0, 0) == 0);
    CHECK(status_of(threads[1]) == 44);
    say("threads\n");
    NtTerminateProcess(NtCurrentProcess(), 0);
}
