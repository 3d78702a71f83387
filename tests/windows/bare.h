/* What programs have in common that make processes of themselves without NtCreateUserProcess. */
#include "direct.h"

NTSTATUS NTAPI NtOpenFile(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG, ULONG);
NTSTATUS NTAPI NtCreateSection(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, LARGE_INTEGER *, ULONG, ULONG, HANDLE);
NTSTATUS NTAPI NtReadVirtualMemory(HANDLE, void *, void *, SIZE_T, SIZE_T *);
NTSTATUS NTAPI NtWriteVirtualMemory(HANDLE, void *, const void *, SIZE_T, SIZE_T *);
NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE, void **, ULONG_PTR, SIZE_T *, ULONG, ULONG);
NTSTATUS NTAPI NtCreateThread(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, HANDLE, CLIENT_ID *, CONTEXT *, void *, BOOLEAN);
NTSTATUS NTAPI NtResumeThread(HANDLE, ULONG *);

#define STATUS_PENDING_EXIT 0x103

typedef struct {
    NTSTATUS ExitStatus;
    char *PebBaseAddress;
    ULONG_PTR AffinityMask;
    ULONG_PTR BasePriority;
    ULONG_PTR UniqueProcessId;
    ULONG_PTR InheritedFromUniqueProcessId;
} BASIC;

#ifdef _WIN64
#define PARAMETERS 0x20
#define IMAGE 0x10
#define PATH 0x60
#define MARK 0x88
#define PC Rip
#define SP Rsp
#else
#define PARAMETERS 0x10
#define IMAGE 8
#define PATH 0x38
#define MARK 0x4c
#define PC Eip
#define SP Esp
#endif

static char *peb(void)
{
    return (char *)NtCurrentTeb()->ProcessEnvironmentBlock;
}

static char *parameters(void)
{
    return *(char **)(peb() + PARAMETERS);
}

/* A number in the parameters that nobody else sets (StartingX). */
static ULONG *mark(void)
{
    return (ULONG *)(parameters() + MARK);
}

static BASIC basic(HANDLE process)
{
    BASIC told;
    CHECK(NtQueryInformationProcess(process, ProcessBasicInformation, &told, sizeof told, 0) == 0);
    return told;
}

static HANDLE own_file(void)
{
    OBJECT_ATTRIBUTES attributes = { sizeof attributes };
    UNICODE_STRING *path = (UNICODE_STRING *)(parameters() + PATH), name;
    WCHAR text[300] = { '\\', '?', '?', '\\' };
    IO_STATUS_BLOCK io;
    HANDLE file;
    int index;

    for (index = 0; index < path->Length / 2; index++)
        text[4 + index] = path->Buffer[index];
    name.Buffer = text;
    name.Length = name.MaximumLength = 8 + path->Length;
    attributes.ObjectName = &name;
    CHECK(NtOpenFile(&file, FILE_GENERIC_READ | FILE_EXECUTE, &attributes, &io, FILE_SHARE_READ, FILE_SYNCHRONOUS_IO_NONALERT) == 0);
    return file;
}

static HANDLE image_of(HANDLE file)
{
    HANDLE section;
    CHECK(NtCreateSection(&section, SECTION_ALL_ACCESS, 0, 0, PAGE_READONLY, SEC_IMAGE, file) == 0);
    return section;
}

/* Gives a new process the parameters of this one, at the same place, with a mark. */
static void tell(HANDLE process, ULONG number)
{
    void *at = parameters();
    SIZE_T size = *(ULONG *)parameters(), done;
    char *block = basic(process).PebBaseAddress;
    SIZE_T whole = size;

    CHECK(NtAllocateVirtualMemory(process, &at, 0, &whole, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) == 0);
    CHECK(at == parameters());
    CHECK(NtWriteVirtualMemory(process, at, at, size, &done) == 0 && done == size);
    CHECK(NtWriteVirtualMemory(process, (char *)at + MARK, &number, 4, &done) == 0 && done == 4);
    CHECK(NtWriteVirtualMemory(process, block + PARAMETERS, &at, sizeof at, &done) == 0);
}

/* Its first thread, which waits to be resumed, with a stack and a CONTEXT, at the same function as this program's first. */
static HANDLE thread_of(HANDLE process, void *function, CLIENT_ID *client)
{
    char *stack = 0, *image;
    SIZE_T size = 0x10000, done;
    void *ends[5] = { 0 };
    static CONTEXT context __attribute__((aligned(16)));
    HANDLE thread;

    CHECK(NtReadVirtualMemory(process, basic(process).PebBaseAddress + IMAGE, &image, sizeof image, &done) == 0);
    CHECK(image);
    CHECK(NtAllocateVirtualMemory(process, (void **)&stack, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) == 0);
    ends[2] = stack + size;
    ends[3] = ends[4] = stack;
    context.ContextFlags = CONTEXT_FULL;
    context.PC = (ULONG_PTR)function - *(ULONG_PTR *)(peb() + IMAGE) + (ULONG_PTR)image;
    context.SP = (ULONG_PTR)stack + size - 0x28;
    context.EFlags = 0x202;
#ifndef _WIN64
    context.Ebx = 0x1234;
    context.Eax = 0x4321;
#else
    context.Rbx = 0x1234;
    context.Rax = 0x4321;
#endif
    CHECK(NtCreateThread(&thread, THREAD_ALL_ACCESS, 0, process, client, &context, ends, 1) == 0);
    return thread;
}

static NTSTATUS status_after(HANDLE process)
{
    CHECK(NtWaitForSingleObject(process, 0, 0) == 0);
    return basic(process).ExitStatus;
}
