// Memory and threads of another process, as debuggers, installers and malware use them: what the target prints comes through
// its parent's handles.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <winternl.h>

NTSTATUS NTAPI NtUnmapViewOfSection(HANDLE, PVOID);
NTSTATUS NTAPI NtMapViewOfSection(HANDLE, HANDLE, PVOID *, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *, int, ULONG, ULONG);
NTSTATUS NTAPI NtSuspendProcess(HANDLE);
NTSTATUS NTAPI NtResumeProcess(HANDLE);
NTSTATUS NTAPI NtGetNextThread(HANDLE, HANDLE, ACCESS_MASK, ULONG, ULONG, HANDLE *);

static char self[400];
static char marker[] = "MARKER is the program's own";

// int add(int *cell) { ++*cell; return 42; }
static const unsigned char add[] = {
#ifdef _WIN64
    0xff, 0x01, 0xb8, 42, 0, 0, 0, 0xc3,
#else
    0x8b, 0x44, 0x24, 0x04, 0xff, 0x00, 0xb8, 42, 0, 0, 0, 0xc2, 0x04, 0x00,
#endif
};

static PROCESS_INFORMATION start(const char *what, DWORD flags)
{
    STARTUPINFOA info = {sizeof info};
    PROCESS_INFORMATION process = {0};
    char line[800];
    snprintf(line, sizeof line, "\"%s\" %s", self, what);
    fflush(stdout);
    if (!CreateProcessA(self, line, NULL, NULL, TRUE, flags, NULL, NULL, &info, &process))
        printf("not made: %lu\n", GetLastError());
    return process;
}

static DWORD end(PROCESS_INFORMATION process)
{
    DWORD code = 0;
    if (WaitForSingleObject(process.hProcess, 20000)) printf("still there\n");
    GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return code;
}

static int child(int count, char **words)
{
    if (!strcmp(words[1], "wait")) {
        HANDLE go = (HANDLE)(UINT_PTR)strtoull(words[2], NULL, 16);
        WaitForSingleObject(go, 20000);
        printf("library %s\n", GetModuleHandleA("version.dll") ? "there" : "not there");
        return 5;
    }
    if (!strcmp(words[1], "sleep")) {
        printf("slept: %lx\n", SleepEx(20000, TRUE));
        return 6;
    }
    printf("%s\n", marker);
    return 7;
}

static char *at(HANDLE process, SIZE_T size, DWORD way, DWORD protect)
{
    char *memory = VirtualAllocEx(process, NULL, size, way, protect);
    if (!memory) printf("not allocated: %lu\n", GetLastError());
    return memory;
}

static void regions(HANDLE process)
{
    MEMORY_BASIC_INFORMATION about;
    DWORD before = 0;
    SIZE_T moved = 0;
    char *memory = at(process, 0x5000, MEM_RESERVE, PAGE_READWRITE);
    VirtualQueryEx(process, memory, &about, sizeof about);
    printf("reserved %lx %lx, %x\n", about.State, about.Type, (int)about.RegionSize);
    printf("committed %d\n", VirtualAllocEx(process, memory + 0x1000, 0x2000, MEM_COMMIT, PAGE_READWRITE) == memory + 0x1000);
    printf("written %d\n", WriteProcessMemory(process, memory + 0x1ffe, "abcd", 4, &moved));
    printf("protected %d", VirtualProtectEx(process, memory + 0x2000, 1, PAGE_READONLY, &before));
    printf(" %lx\n", before);
    VirtualQueryEx(process, memory + 0x2000, &about, sizeof about);
    printf("now %lx %lx, %x of %x\n", about.State, about.Protect, (int)about.RegionSize, (int)((char *)about.BaseAddress - memory));
    printf("freed %d\n", VirtualFreeEx(process, memory, 0, MEM_RELEASE));
    VirtualQueryEx(process, memory, &about, sizeof about);
    printf("free %d\n", about.State == MEM_FREE);
    HANDLE weak = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, GetProcessId(process));
    printf("without rights %d", VirtualAllocEx(weak, NULL, 1, MEM_COMMIT, PAGE_READWRITE) != NULL);
    printf(" %lu\n", GetLastError());
    CloseHandle(weak);
}

static void views(HANDLE process)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x1000, NULL);
    char *own = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), text[8] = "";
    void *there = NULL;
    SIZE_T size = 0;
    printf("map %lx\n", NtMapViewOfSection(section, process, &there, 0, 0, NULL, &size, 2, 0, PAGE_READWRITE));
    strcpy(own, "shared");
    ReadProcessMemory(process, there, text, 7, NULL);
    printf("seen %s\n", text);
    printf("unmap %lx", NtUnmapViewOfSection(process, there));
    printf(" %lx\n", NtUnmapViewOfSection(process, there));
    CloseHandle(section);
}

static void run(HANDLE process)
{
    char *memory = at(process, 0x1000, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    int cell = 10;
    DWORD result = 0, id = 0;
    WriteProcessMemory(process, memory, add, sizeof add, NULL);
    WriteProcessMemory(process, memory + 0x100, &cell, sizeof cell, NULL);
    for (int round = 0; round < 2; round++) {
        HANDLE thread = CreateRemoteThread(process, NULL, 0, (void *)memory, memory + 0x100, 0, &id);
        printf("thread of it %d\n", GetProcessIdOfThread(thread) == GetProcessId(process) && id == GetThreadId(thread));
        printf("ended %lu", WaitForSingleObject(thread, 20000));
        GetExitCodeThread(thread, &result);
        ReadProcessMemory(process, memory + 0x100, &cell, sizeof cell, NULL);
        printf(" with %lu, cell %d\n", result, cell);
        CloseHandle(thread);
        // What has run is changed.
        result = 43;
        WriteProcessMemory(process, memory + sizeof add - (sizeof(void *) == 8 ? 5 : 7), &result, 4, NULL);
    }
    char *name = at(process, 0x1000, MEM_COMMIT, PAGE_READWRITE);
    WriteProcessMemory(process, name, "version.dll", 12, NULL);
    void *load = (void *)GetProcAddress(GetModuleHandleA("kernel32.dll"), "LoadLibraryA");
    HANDLE thread = CreateRemoteThread(process, NULL, 0, load, name, 0, NULL);
    WaitForSingleObject(thread, 20000);
    GetExitCodeThread(thread, &result);
    printf("loaded %d\n", result != 0);
    CloseHandle(thread);
}

static void call(PROCESS_INFORMATION process)
{
    char *memory = at(process.hProcess, 0x1000, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    int cell = 20;
    WriteProcessMemory(process.hProcess, memory, add, sizeof add, NULL);
    WriteProcessMemory(process.hProcess, memory + 0x100, &cell, sizeof cell, NULL);
    printf("queued %lu\n", QueueUserAPC((void *)memory, process.hThread, (ULONG_PTR)memory + 0x100));
    fflush(stdout);
    ResumeThread(process.hThread);
    Sleep(300);
    ReadProcessMemory(process.hProcess, memory + 0x100, &cell, sizeof cell, NULL);
    printf("called, cell %d\n", cell);
    fflush(stdout);
    // The other one tells of its end before this one of what it did.
    DWORD queued = QueueUserAPC((void *)memory, process.hThread, (ULONG_PTR)memory + 0x100);
    DWORD code = end(process);
    printf("queued %lu\n", queued);
    printf("ended with %lu\n", code);
}

// Another program in the place of the one that a process was made of.
static void hollow(PROCESS_INFORMATION process)
{
    CONTEXT context = {.ContextFlags = CONTEXT_INTEGER};
    FILE *file = fopen(self, "rb");
    static char image[4 << 20];
    size_t size = fread(image, 1, sizeof image, file);
    fclose(file);
    for (size_t i = 0; i + 30 < size; i++)
        if (!memcmp(image + i, marker, sizeof marker)) memcpy(image + i + 7, "was changed here", 17);
    IMAGE_NT_HEADERS *headers = (void *)(image + ((IMAGE_DOS_HEADER *)image)->e_lfanew);
    IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(headers);
    GetThreadContext(process.hThread, &context);
#ifdef _WIN64
    char *block = (char *)context.Rdx;
#else
    char *block = (char *)context.Ebx;
#endif
    char *base = NULL;
    ReadProcessMemory(process.hProcess, block + 2 * sizeof base, &base, sizeof base, NULL);
    printf("at its place %d\n", base == (char *)headers->OptionalHeader.ImageBase);
    printf("unmap %lx\n", NtUnmapViewOfSection(process.hProcess, base));
    char *fresh = VirtualAllocEx(process.hProcess, base, headers->OptionalHeader.SizeOfImage, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
    printf("the same place %d\n", fresh == base);
    WriteProcessMemory(process.hProcess, fresh, image, headers->OptionalHeader.SizeOfHeaders, NULL);
    for (int i = 0; i < headers->FileHeader.NumberOfSections; i++)
        WriteProcessMemory(process.hProcess, fresh + section[i].VirtualAddress, image + section[i].PointerToRawData, section[i].SizeOfRawData, NULL);
    WriteProcessMemory(process.hProcess, block + 2 * sizeof base, &fresh, sizeof fresh, NULL);
#ifdef _WIN64
    context.Rcx = (DWORD64)fresh + headers->OptionalHeader.AddressOfEntryPoint;
#else
    context.Eax = (DWORD)fresh + headers->OptionalHeader.AddressOfEntryPoint;
#endif
    printf("set %d\n", SetThreadContext(process.hThread, &context));
    fflush(stdout);
    ResumeThread(process.hThread);
    printf("ended with %lu\n", end(process));
}

int main(int count, char **words)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    char line[40];
    GetModuleFileNameA(NULL, self, sizeof self);
    if (count > 1) return child(count, words);

    HANDLE go = CreateEventA(&inherit, TRUE, FALSE, NULL);
    snprintf(line, sizeof line, "wait %llx", (unsigned long long)(UINT_PTR)go);
    PROCESS_INFORMATION process = start(line, 0);
    regions(process.hProcess);
    views(process.hProcess);
    run(process.hProcess);
    HANDLE thread = NULL, dup = NULL;
    printf("next %lx", NtGetNextThread(process.hProcess, NULL, THREAD_QUERY_INFORMATION, 0, 0, &thread));
    printf(" %d\n", GetThreadId(thread) == process.dwThreadId);
    printf("given %d\n", DuplicateHandle(GetCurrentProcess(), go, process.hProcess, &dup, 0, FALSE, DUPLICATE_SAME_ACCESS));
    printf("suspended %lx\n", NtSuspendProcess(process.hProcess));
    SetEvent(go);
    printf("waits %lu\n", WaitForSingleObject(process.hProcess, 100));
    fflush(stdout);
    NTSTATUS status = NtResumeProcess(process.hProcess);
    DWORD code = end(process);
    printf("resumed %lx\n", status);
    printf("ended with %lu\n", code);

    call(start("sleep", CREATE_SUSPENDED));
    hollow(start("hollow", CREATE_SUSPENDED));
    return 0;
}
