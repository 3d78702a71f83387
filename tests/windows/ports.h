/* Messages of ports, and a thread with a stack of its own, on every release.
   [phnt, ntlpcapi.h: PORT_MESSAGE; ntpsapi.h: INITIAL_TEB] */
#include "direct.h"

typedef struct {
    USHORT data, total, type, areas;
    HANDLE process, thread;
    ULONG id;
    SIZE_T view;
    ULONG words[24];
} MESSAGE;

#define HEADER (8 + 4 * sizeof(void *))
#define SELF ((HANDLE)-2)

NTSTATUS NTAPI NtCreateThread(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, HANDLE, void *, CONTEXT *, void *, BOOLEAN);
NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, void **, ULONG_PTR, SIZE_T *, ULONG, ULONG);
NTSTATUS NTAPI NtTerminateThread(HANDLE, NTSTATUS);

static HANDLE run(void (*function)(void))
{
    static CONTEXT context;
    char *stack = 0;
    SIZE_T size = 0x10000;
    HANDLE thread, numbers[2];
    CHECK(NtAllocateVirtualMemory(NtCurrentProcess(), (void **)&stack, 0, &size, MEM_COMMIT, PAGE_READWRITE) == 0);
    void *ends[5] = { 0, 0, stack + size, stack, stack };
    context.ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;
    context.EFlags = 0x202;
#ifdef _WIN64
    context.Rip = (DWORD64)function;
    context.Rsp = (DWORD64)(stack + size - 0x108);
#else
    context.Eip = (DWORD)function;
    context.Esp = (DWORD)(stack + size - 0x104);
#endif
    CHECK(NtCreateThread(&thread, 0x1fffff, 0, NtCurrentProcess(), numbers, &context, ends, 0) == 0);
    return thread;
}

static void fill(MESSAGE *message, ULONG count, ULONG first)
{
    *message = (MESSAGE) { 4 * count, HEADER + 4 * count };
    message->words[0] = first;
}
