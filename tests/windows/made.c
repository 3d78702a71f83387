/* A program makes a process of its own file as kernel32.dll of releases up to XP did: NtCreateSection, NtCreateProcess,
   parameters that it writes there, NtCreateThread with a CONTEXT, NtResumeThread. Wine's ntdll.dll has no NtCreateProcess:
   the test gives it the name and the number of another call, and here it is called as Windows's stubs do. */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <winternl.h>

NTSTATUS NTAPI NtCreateThread(HANDLE *, ACCESS_MASK, void *, HANDLE, CLIENT_ID *, CONTEXT *, void *, BOOLEAN);
NTSTATUS NTAPI NtResumeThread(HANDLE, ULONG *);
NTSTATUS NTAPI NtCreateSection(HANDLE *, ACCESS_MASK, void *, LARGE_INTEGER *, ULONG, ULONG, HANDLE);
NTSTATUS NTAPI NtTerminateProcess(HANDLE, NTSTATUS);

typedef struct {
    USHORT length, room;
    char *text;
} STRING_AT;

#ifdef _WIN64
enum { PARAMETERS = 0x20, IMAGE = 0x10, DIRECTORY = 0x38, LIBRARIES = 0x50, PATH = 0x60, LINE = 0x70, ENVIRONMENT = 0x80, TITLE = 0xb0, ROOM = 0x3f0, ALL = 0x440 };
#define PC Rip
#define SP Rsp
#define FUNCTION Rcx
#define ARGUMENT Rdx
#else
enum { PARAMETERS = 0x10, IMAGE = 8, DIRECTORY = 0x24, LIBRARIES = 0x30, PATH = 0x38, LINE = 0x40, ENVIRONMENT = 0x48, TITLE = 0x70, ROOM = 0x290, ALL = 0x2c0 };
#define PC Eip
#define SP Esp
#define FUNCTION Eax
#define ARGUMENT Ebx
#endif

static unsigned number_of(const char *name)
{
    char *base = (char *)GetModuleHandleA("ntdll.dll");
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    IMAGE_EXPORT_DIRECTORY *exports = (void *)(base + headers->OptionalHeader.DataDirectory[0].VirtualAddress);
    DWORD *names = (DWORD *)(base + exports->AddressOfNames), *functions = (DWORD *)(base + exports->AddressOfFunctions);
    WORD *ordinals = (WORD *)(base + exports->AddressOfNameOrdinals);
    DWORD index;

    for (index = 0; index < exports->NumberOfNames; index++)
        if (!strcmp(base + names[index], name)) {
            unsigned char *code = (unsigned char *)base + functions[ordinals[index]];
            while (*code != 0xb8)
                code++;
            return *(unsigned *)(code + 1);
        }
    return 0;
}

typedef NTSTATUS(NTAPI *CREATE)(HANDLE *, ACCESS_MASK, void *, HANDLE, BOOLEAN, HANDLE, HANDLE, HANDLE);

/* A stub as ntdll.dll has them. */
static CREATE stub(unsigned number)
{
#ifdef _WIN64
    static const char code[] = "\x4c\x8b\xd1\xb8----\x0f\x05\xc3";
    int at = 4;
#else
    static const char code[] = "\xb8----\xba\x00\x03\xfe\x7f\xff\x12\xc2\x20\x00";
    int at = 1;
#endif
    char *made = VirtualAlloc(0, 4096, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    memcpy(made, code, sizeof code);
    memcpy(made + at, &number, 4);
    return (CREATE)made;
}

/* Puts a string behind what is in a block, and where it will be into its structure. */
static void put(char *block, char *remote, int field, const void *text, int length, ULONG *used)
{
    STRING_AT *string = (STRING_AT *)(block + field);
    memcpy(block + *used, text, length);
    memset(block + *used + length, 0, 2);
    string->length = length;
    string->room = length + 2;
    string->text = remote + *used;
    *used = (*used + length + 2 + 15) & ~15;
}

int main(int count, char **words)
{
    char *peb = (char *)NtCurrentTeb()->ProcessEnvironmentBlock, *own = *(char **)(peb + PARAMETERS);
    char *block, *remote, *stack, *image;
    SIZE_T environment = 0, done;
    WCHAR path[MAX_PATH], line[] = L"made child", *texts;
    PROCESS_BASIC_INFORMATION told;
    HANDLE file, section, process, thread;
    IMAGE_NT_HEADERS *headers;
    CONTEXT context = { .ContextFlags = CONTEXT_FULL };
    CLIENT_ID client;
    ULONG used = ALL, before;
    DWORD status;
    void *ends[5] = { 0 };

    if (count > 1) {
        printf("%s, %d words, X=%s\n", words[1], count, getenv("X"));
        return 7;
    }
    GetModuleFileNameW(0, path, MAX_PATH);
    file = CreateFileW(path, GENERIC_READ | GENERIC_EXECUTE, FILE_SHARE_READ, 0, OPEN_EXISTING, 0, 0);
    printf("section %lx\n", NtCreateSection(&section, SECTION_ALL_ACCESS, 0, 0, PAGE_READONLY, SEC_IMAGE, file));
    CloseHandle(file);
    printf("process %lx\n",
           stub(number_of("NtCreateProcess"))(&process, PROCESS_ALL_ACCESS, 0, GetCurrentProcess(), TRUE, section, 0, 0));
    NtQueryInformationProcess(process, ProcessBasicInformation, &told, sizeof told, 0);
    SetEnvironmentVariableA("X", "y");
    texts = GetEnvironmentStringsW();
    while (texts[environment] || texts[environment + 1])
        environment++;
    environment = 2 * environment + 4;
    block = calloc(1, 0x8000);
    remote = VirtualAllocEx(process, 0, 0x8000, MEM_COMMIT, PAGE_READWRITE);
    memcpy(block, own, ALL);
    put(block, remote, DIRECTORY, ((STRING_AT *)(own + DIRECTORY))->text, ((STRING_AT *)(own + DIRECTORY))->length, &used);
    memset(block + LIBRARIES, 0, sizeof(STRING_AT));
    put(block, remote, PATH, ((STRING_AT *)(own + PATH))->text, ((STRING_AT *)(own + PATH))->length, &used);
    put(block, remote, LINE, line, sizeof line - 2, &used);
    memset(block + TITLE, 0, 4 * sizeof(STRING_AT));
    *(char **)(block + ENVIRONMENT) = remote + used;
    memcpy(block + used, texts, environment);
    *(SIZE_T *)(block + ROOM) = environment;
    *(ULONG *)block = *(ULONG *)(block + 4) = used;
    printf("written %d\n", WriteProcessMemory(process, remote, block, 0x8000, &done)
                               && WriteProcessMemory(process, (char *)told.PebBaseAddress + PARAMETERS, &remote, sizeof remote, &done));
    ReadProcessMemory(process, (char *)told.PebBaseAddress + IMAGE, &image, sizeof image, &done);
    headers = (IMAGE_NT_HEADERS *)((char *)GetModuleHandleA(0) + ((IMAGE_DOS_HEADER *)GetModuleHandleA(0))->e_lfanew);
    stack = VirtualAllocEx(process, 0, 0x100000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    ends[2] = stack + 0x100000;
    ends[3] = ends[4] = stack;
    context.PC = (ULONG_PTR)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlUserThreadStart");
    context.FUNCTION = (ULONG_PTR)image + headers->OptionalHeader.AddressOfEntryPoint;
    context.ARGUMENT = (ULONG_PTR)told.PebBaseAddress;
    context.SP = (ULONG_PTR)stack + 0x100000 - 0x28;
    context.EFlags = 0x202;
    printf("thread %lx\n", NtCreateThread(&thread, THREAD_ALL_ACCESS, 0, process, &client, &context, ends, TRUE));
    printf("waits %lx\n", WaitForSingleObject(process, 0));
    fflush(stdout);
    NtResumeThread(thread, &before);
    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &status);
    printf("resumed %lu, ended with %lu\n", before, status);
    return 0;
}
