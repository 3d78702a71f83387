/* Names and types of objects, and whether two handles are of one. */
#include <stdio.h>
#include <windows.h>

typedef struct { USHORT Length, MaximumLength; WCHAR *Buffer; } String;
static LONG (NTAPI *NtQueryObject)(HANDLE, int, void *, ULONG, ULONG *);
static LONG (NTAPI *NtCompareObjects)(HANDLE, HANDLE);

static void tell(const char *what, HANDLE handle)
{
    union { String name; BYTE room[1024]; } type, name;
    ULONG length;
    NtQueryObject(handle, 2, &type, sizeof type, &length);
    LONG status = NtQueryObject(handle, 1, &name, sizeof name, &length);
    printf("%s: %.*ls", what, type.name.Length / 2, type.name.Buffer);
    printf(" %08lx %.*ls\n", status, name.name.Length / 2, name.name.Buffer ? name.name.Buffer : L"");
}

int main(void)
{
    char path[MAX_PATH];
    HANDLE file, event, twin, same, key, read, write;
    BYTE small[sizeof(String) + 2];
    ULONG length;
    NtQueryObject = (void *)GetProcAddress(GetModuleHandleA("ntdll"), "NtQueryObject");
    NtCompareObjects = (void *)GetProcAddress(GetModuleHandleA("ntdll"), "NtCompareObjects");
    setvbuf(stdout, 0, _IONBF, 0);
    file = CreateFileA("C:\\emu-objects", GENERIC_WRITE, 7, 0, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, 0);
    event = CreateEventA(0, 0, 0, "emu objects");
    same = OpenEventA(SYNCHRONIZE, 0, "emu objects");
    DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &twin, 0, 0, DUPLICATE_SAME_ACCESS);
    RegOpenKeyA(HKEY_LOCAL_MACHINE, "Software", (HKEY *)&key);
    CreatePipe(&read, &write, 0, 0);
    tell("file", file);
    tell("event", event);
    tell("nameless", CreateMutexA(0, 0, 0));
    tell("semaphore", CreateSemaphoreA(0, 1, 1, 0));
    tell("section", CreateFileMappingA(INVALID_HANDLE_VALUE, 0, PAGE_READWRITE, 0, 4096, 0));
    tell("key", key);
    tell("process", GetCurrentProcess());
    tell("thread", GetCurrentThread());
    tell("port", CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0, 0, 1));
    LONG status = NtQueryObject(file, 1, small, sizeof small, &length);
    printf("small %08lx needs %d\n", status, length > sizeof small);
    printf("none %08lx\n", NtQueryObject((HANDLE)0x1230, 1, small, sizeof small, &length));
    printf("twin %08lx\n", NtCompareObjects(file, twin));
    printf("by name %08lx\n", NtCompareObjects(event, same));
    printf("ends %08lx\n", NtCompareObjects(read, write));
    printf("kinds %08lx\n", NtCompareObjects(file, event));
    printf("own %08lx\n", NtCompareObjects(GetCurrentProcess(), GetCurrentProcess()));
    printf("none %08lx\n", NtCompareObjects(file, (HANDLE)0x1230));
    return 0;
}
