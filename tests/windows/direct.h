/* What guests that ask the kernel by the names of ntdll.dll have in common. */
#include <windows.h>
#include <winternl.h>

NTSTATUS NTAPI NtWriteFile(HANDLE, HANDLE, void *, void *, IO_STATUS_BLOCK *, const void *, ULONG, LARGE_INTEGER *, ULONG *);
NTSTATUS NTAPI NtReadFile(HANDLE, HANDLE, void *, void *, IO_STATUS_BLOCK *, void *, ULONG, LARGE_INTEGER *, ULONG *);
NTSTATUS NTAPI NtTerminateProcess(HANDLE, NTSTATUS);

#define NtCurrentProcess() ((HANDLE)-1)
#define CHECK(what) do { if (!(what)) NtTerminateProcess(NtCurrentProcess(), __LINE__); } while (0)

/* A UNICODE_STRING of a literal. */
#define NAME(text) { sizeof(text) - 2, sizeof(text), (WCHAR *)(text) }

static __declspec(noinline) ULONG length(const char *text)
{
    ULONG count = 0;
    while (text[count])
        count++;
    return count;
}

static HANDLE output(void)
{
    char *parameters = (char *)NtCurrentTeb()->ProcessEnvironmentBlock->ProcessParameters;
    return *(HANDLE *)(parameters + (sizeof(void *) == 8 ? 0x28 : 0x1c));
}

static void say(const char *text)
{
    IO_STATUS_BLOCK io;
    CHECK(NtWriteFile(output(), 0, 0, 0, &io, text, length(text), 0, 0) == 0);
}
