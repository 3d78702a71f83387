/* A program makes a process of its own file as kernel32.dll of Windows 2000 does: of a section, without a thread at first.
   The process runs the same function, and finds a mark in its parameters. Exit status: 0, or the line on which something
   was wrong. */
#include "bare.h"

NTSTATUS NTAPI NtCreateProcess(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, HANDLE, BOOLEAN, HANDLE, HANDLE, HANDLE);
NTSTATUS NTAPI NtOpenProcess(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, CLIENT_ID *);
NTSTATUS NTAPI NtCreateEvent(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, int, BOOLEAN);
NTSTATUS NTAPI NtSetEvent(HANDLE, LONG *);

void start(void);

#ifdef _WIN64
asm(".globl child\nchild: mov %rbx, %rcx\n mov %rax, %rdx\n jmp begun");
#else
asm(".globl _child\n_child: push %eax\n push %ebx\n push $0\n jmp _begun");
#endif
void child(void);

/* The child's: the registers of its CONTEXT, and its mark. */
void begun(ULONG_PTR first, ULONG_PTR second)
{
    CHECK(first == 0x1234 && second == 0x4321);
    CHECK(*(HANDLE *)((char *)NtCurrentTeb() + 8 * sizeof(void *)) == (HANDLE)basic(NtCurrentProcess()).UniqueProcessId);
    NtSetEvent((HANDLE)(ULONG_PTR)(*mark() >> 8), 0);
    NtTerminateProcess(NtCurrentProcess(), *mark() & 0xff);
}

void start(void)
{
    HANDLE file, section, data, process, thread, event, again;
    OBJECT_ATTRIBUTES attributes = { sizeof attributes };
    OBJECT_ATTRIBUTES inherits = { sizeof inherits, .Attributes = OBJ_INHERIT };
    LARGE_INTEGER zero = { .QuadPart = 0 }, size = { .QuadPart = 0x1000 };
    CLIENT_ID client, found = { 0 };
    ULONG before;
    BASIC told;

    say("bare\n");
    file = own_file();
    section = image_of(file);
    CHECK(NtClose(file) == 0);
    CHECK(NtCreateSection(&data, SECTION_ALL_ACCESS, 0, &size, PAGE_READWRITE, SEC_COMMIT, 0) == 0);
    CHECK(NtCreateProcess(&process, PROCESS_ALL_ACCESS, &attributes, NtCurrentProcess(), 1, data, 0, 0)
          == (NTSTATUS)0xc0000049); /* STATUS_SECTION_NOT_IMAGE */
    CHECK(NtCreateProcess(&process, PROCESS_ALL_ACCESS, &attributes, 0, 1, section, 0, 0) == STATUS_INVALID_PARAMETER);
    CHECK(NtCreateEvent(&event, EVENT_ALL_ACCESS, &inherits, 0, 0) == 0);

    /* With the handles that may be inherited. */
    CHECK(NtCreateProcess(&process, PROCESS_ALL_ACCESS, &attributes, NtCurrentProcess(), 1, section, 0, 0) == 0);
    told = basic(process);
    CHECK(told.ExitStatus == STATUS_PENDING_EXIT);
    CHECK(told.UniqueProcessId && told.InheritedFromUniqueProcessId == basic(NtCurrentProcess()).UniqueProcessId);
    CHECK(NtWaitForSingleObject(process, 0, &zero) == STATUS_TIMEOUT);
    tell(process, (ULONG)(ULONG_PTR)event << 8 | 33);
    thread = thread_of(process, child, &client);
    CHECK(client.UniqueProcess == (HANDLE)told.UniqueProcessId);
    CHECK(NtWaitForSingleObject(event, 0, &zero) == STATUS_TIMEOUT);
    CHECK(NtResumeThread(thread, &before) == 0 && before == 1);
    CHECK(NtWaitForSingleObject(event, 0, 0) == 0);
    CHECK(status_after(process) == 33);
    CHECK(NtWaitForSingleObject(thread, 0, &zero) == 0);
    CHECK(NtClose(thread) == 0 && NtClose(process) == 0);

    /* One that ends before it has a thread. */
    CHECK(NtCreateProcess(&process, PROCESS_ALL_ACCESS, &attributes, NtCurrentProcess(), 0, section, 0, 0) == 0);
    CHECK(NtTerminateProcess(process, 44) == 0);
    CHECK(status_after(process) == 44);
    CHECK(NtTerminateProcess(process, 45) == (NTSTATUS)0xc000010a);
    CHECK(NtClose(process) == 0);

    /* One that goes with its last handle. */
    CHECK(NtCreateProcess(&process, PROCESS_ALL_ACCESS, &attributes, NtCurrentProcess(), 0, section, 0, 0) == 0);
    found.UniqueProcess = (HANDLE)basic(process).UniqueProcessId;
    CHECK(NtOpenProcess(&again, PROCESS_ALL_ACCESS, &attributes, &found) == 0);
    CHECK(NtClose(again) == 0 && NtClose(process) == 0);
    CHECK(NtOpenProcess(&again, PROCESS_ALL_ACCESS, &attributes, &found) == (NTSTATUS)0xc000000b); /* STATUS_INVALID_CID */
    NtTerminateProcess(NtCurrentProcess(), 0);
}
