// A debugger: what it is told of a process, breakpoints and single steps, and what the process can know of it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <winternl.h>

static char self[400];

#ifdef _WIN64
#define PC(context) (context).Rip
#else
#define PC(context) (context).Eip
#endif

__attribute__((noinline)) int target(int value)
{
    __asm__ volatile("nop");
    return value * 3;
}

static DWORD WINAPI thread(void *argument)
{
    return 11;
}

static LONG CALLBACK handler(EXCEPTION_POINTERS *what)
{
    if (what->ExceptionRecord->ExceptionCode != 0xe0000001) return EXCEPTION_CONTINUE_SEARCH;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void known(void)
{
    ULONG_PTR port = 7;
    ULONG flags = 7;
    HANDLE object = NULL;
    BOOL present = 7;
    NtQueryInformationProcess(GetCurrentProcess(), 7, &port, sizeof port, NULL);
    NtQueryInformationProcess(GetCurrentProcess(), 31, &flags, sizeof flags, NULL);
    NTSTATUS status = NtQueryInformationProcess(GetCurrentProcess(), 30, &object, sizeof object, NULL);
    CheckRemoteDebuggerPresent(GetCurrentProcess(), &present);
    printf("debugged %d %d %d, children %lu, object %lx %d\n", IsDebuggerPresent(), present, (int)port, flags, status, object != NULL);
    fflush(stdout);
}

static int child(int count, char **words)
{
    if (!strcmp(words[1], "wait")) {
        WaitForSingleObject((HANDLE)(UINT_PTR)strtoull(words[2], NULL, 16), 20000);
        return 4;
    }
    known();
    OutputDebugStringA("said");
    HANDLE other = CreateThread(NULL, 0, thread, NULL, 0, NULL);
    WaitForSingleObject(other, INFINITE);
    printf("target %d\n", target(5));
    fflush(stdout);
    AddVectoredExceptionHandler(1, handler);
    RaiseException(0xe0000001, 0, 0, NULL);
    printf("handled\n");
    fflush(stdout);
    if (!strcmp(words[1], "die")) *(volatile int *)8 = 1;
    return 3;
}

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

static void watch(PROCESS_INFORMATION process)
{
    DEBUG_EVENT event;
    char text[20] = "", byte, trap = (char)0xcc;
    int libraries = 0, breakpoints = 0;
    HANDLE first = NULL;
    char *at = (char *)target;
    for (;;) {
        DWORD way = DBG_CONTINUE;
        if (!WaitForDebugEvent(&event, 20000)) {
            printf("no event: %lu\n", GetLastError());
            return;
        }
        EXCEPTION_RECORD *record = &event.u.Exception.ExceptionRecord;
        switch (event.dwDebugEventCode) {
        case CREATE_PROCESS_DEBUG_EVENT:
            printf("process %d %d, handles %d %d\n", event.dwProcessId == process.dwProcessId, event.dwThreadId == process.dwThreadId,
                   GetProcessId(event.u.CreateProcessInfo.hProcess) == event.dwProcessId, GetThreadId(event.u.CreateProcessInfo.hThread) == event.dwThreadId);
            printf("base %d, file %d\n", event.u.CreateProcessInfo.lpBaseOfImage == GetModuleHandle(NULL), event.u.CreateProcessInfo.hFile != NULL);
            first = event.u.CreateProcessInfo.hThread;
            CloseHandle(event.u.CreateProcessInfo.hFile);
            break;
        case LOAD_DLL_DEBUG_EVENT:
            if (!libraries++) printf("library %d\n", event.u.LoadDll.lpBaseOfDll == GetModuleHandleA("ntdll.dll"));
            CloseHandle(event.u.LoadDll.hFile);
            break;
        case CREATE_THREAD_DEBUG_EVENT:
            printf("thread %d\n", event.dwThreadId == GetThreadId(event.u.CreateThread.hThread));
            break;
        case EXIT_THREAD_DEBUG_EVENT:
            printf("thread ended with %lu\n", event.u.ExitThread.dwExitCode);
            break;
        case OUTPUT_DEBUG_STRING_EVENT:
            ReadProcessMemory(process.hProcess, event.u.DebugString.lpDebugStringData, text, event.u.DebugString.nDebugStringLength, NULL);
            printf("text %s\n", text);
            break;
        case EXCEPTION_DEBUG_EVENT:
            if (record->ExceptionCode == EXCEPTION_BREAKPOINT && !breakpoints++) {
                printf("begins\n");
                ReadProcessMemory(process.hProcess, at, &byte, 1, NULL);
                WriteProcessMemory(process.hProcess, at, &trap, 1, NULL);
                FlushInstructionCache(process.hProcess, at, 1);
            } else if (record->ExceptionCode == EXCEPTION_BREAKPOINT) {
                CONTEXT context = {.ContextFlags = CONTEXT_FULL};
                GetThreadContext(first, &context);
                printf("breakpoint %d, behind it %d\n", record->ExceptionAddress == at, (char *)PC(context) == at + 1);
                PC(context)--;
                context.EFlags |= 0x100;
                SetThreadContext(first, &context);
                WriteProcessMemory(process.hProcess, at, &byte, 1, NULL);
            } else if (record->ExceptionCode == EXCEPTION_SINGLE_STEP) {
                CONTEXT context = {.ContextFlags = CONTEXT_FULL};
                GetThreadContext(first, &context);
                printf("step %d\n", (char *)PC(context) > at && (char *)PC(context) < at + 16);
            } else {
                printf("exception %lx, first %lu\n", record->ExceptionCode, event.u.Exception.dwFirstChance);
                way = DBG_EXCEPTION_NOT_HANDLED;
            }
            break;
        case EXIT_PROCESS_DEBUG_EVENT:
            printf("libraries %d\n", libraries > 2);
            printf("ended with %lx\n", event.u.ExitProcess.dwExitCode);
            ContinueDebugEvent(event.dwProcessId, event.dwThreadId, way);
            return;
        case UNLOAD_DLL_DEBUG_EVENT:
            break;
        default:
            printf("event %lu\n", event.dwDebugEventCode);
        }
        fflush(stdout);
        if (!ContinueDebugEvent(event.dwProcessId, event.dwThreadId, way)) printf("not continued: %lu\n", GetLastError());
    }
}

static void attach(void)
{
    DEBUG_EVENT event;
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE go = CreateEventA(&inherit, TRUE, FALSE, NULL);
    char line[40];
    snprintf(line, sizeof line, "wait %llx", (unsigned long long)(UINT_PTR)go);
    PROCESS_INFORMATION process = start(line, 0);
    DWORD code = 0;
    Sleep(200);
    printf("attached %d\n", DebugActiveProcess(process.dwProcessId));
    printf("again %d\n", DebugActiveProcess(process.dwProcessId));
    do {
        WaitForDebugEvent(&event, 20000);
        if (event.dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT) printf("process\n");
        if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) printf("breakpoint\n");
        ContinueDebugEvent(event.dwProcessId, event.dwThreadId, DBG_CONTINUE);
    } while (event.dwDebugEventCode != EXCEPTION_DEBUG_EVENT);
    printf("wrong %d\n", ContinueDebugEvent(event.dwProcessId, event.dwThreadId, DBG_CONTINUE));
    Sleep(50);
    printf("detached %d\n", DebugActiveProcessStop(process.dwProcessId));
    SetEvent(go);
    WaitForSingleObject(process.hProcess, 20000);
    GetExitCodeProcess(process.hProcess, &code);
    printf("ended with %lu\n", code);
}

int main(int count, char **words)
{
    GetModuleFileNameA(NULL, self, sizeof self);
    if (count > 1) return child(count, words);
    known();
    watch(start("run", DEBUG_ONLY_THIS_PROCESS));
    attach();
    watch(start("die", DEBUG_PROCESS));
    return 0;
}
