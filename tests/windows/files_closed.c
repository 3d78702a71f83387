/* What goes with handles that are closed by DuplicateHandle, and with those of a process that ends. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define PIPE "\\\\.\\pipe\\emu closed"

static HANDLE pipe(DWORD flags)
{
    return CreateNamedPipeA(PIPE, PIPE_ACCESS_DUPLEX | flags, 0, 2, 512, 512, 0, 0);
}

static HANDLE client(void)
{
    return CreateFileA(PIPE, GENERIC_READ | GENERIC_WRITE, 0, 0, OPEN_EXISTING, 0, 0);
}

static int there(const char *name)
{
    return GetFileAttributesA(name) != INVALID_FILE_ATTRIBUTES;
}

static HANDLE temporary(const char *name, DWORD share)
{
    return CreateFileA(name, GENERIC_READ | GENERIC_WRITE | DELETE, share, 0, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, 0);
}

static void close_by_doubling(HANDLE handle)
{
    DuplicateHandle(GetCurrentProcess(), handle, 0, 0, 0, 0, DUPLICATE_CLOSE_SOURCE);
}

/* A child that closes nothing. */
static int child(void)
{
    DWORD count;
    HANDLE end = client();
    temporary("child.tmp", 7);
    CreateEventA(0, 0, 0, "emu closed event");
    WriteFile(end, "hello", 5, &count, 0);
    HANDLE go = OpenEventA(SYNCHRONIZE, 0, "emu closed go");
    WaitForSingleObject(go, INFINITE);
    ExitProcess(7);
}

static void of_a_child(const char *self)
{
    char line[MAX_PATH + 10], text[16] = "";
    STARTUPINFOA start = { sizeof start };
    PROCESS_INFORMATION made;
    OVERLAPPED later = { 0 };
    DWORD count = 0, status;
    HANDLE server = pipe(FILE_FLAG_OVERLAPPED), go = CreateEventA(0, TRUE, 0, "emu closed go");

    later.hEvent = CreateEventA(0, TRUE, 0, 0);
    sprintf(line, "\"%s\" child", self);
    printf("child %d\n", CreateProcessA(0, line, 0, 0, 0, 0, 0, 0, &start, &made));
    if (!ConnectNamedPipe(server, &later) && GetLastError() == ERROR_IO_PENDING)
        GetOverlappedResult(server, &later, &count, TRUE);
    if (!ReadFile(server, text, sizeof text, 0, &later)) GetOverlappedResult(server, &later, &count, TRUE);
    GetOverlappedResult(server, &later, &count, TRUE);
    printf("read %lu %s\n", count, text);
    HANDLE event = OpenEventA(SYNCHRONIZE, 0, "emu closed event");
    printf("while it runs: file %d, event %d\n", there("child.tmp"), event != 0);
    CloseHandle(event);
    printf("more %d", ReadFile(server, text, sizeof text, 0, &later));
    printf(" %lu\n", GetLastError());
    SetEvent(go);
    printf("over %d", GetOverlappedResult(server, &later, &count, TRUE));
    printf(" %lu\n", GetLastError());
    WaitForSingleObject(made.hProcess, INFINITE);
    GetExitCodeProcess(made.hProcess, &status);
    event = OpenEventA(SYNCHRONIZE, 0, "emu closed event");
    printf("after it %lu: file %d, event %d\n", status, there("child.tmp"), event != 0);
    CloseHandle(server);
}

int main(int argc, char **argv)
{
    char path[MAX_PATH], self[MAX_PATH], text[4];
    DWORD count, flags;
    HANDLE file, server, end, twin = 0;

    setvbuf(stdout, 0, _IONBF, 0);
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    if (argc > 1) return child();
    GetModuleFileNameA(0, self, MAX_PATH);

    file = temporary("own.tmp", 7);
    printf("made %d", there("own.tmp"));
    close_by_doubling(file);
    printf(" left %d\n", there("own.tmp"));

    file = temporary("own.tmp", 7);
    DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &twin, 0, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);
    printf("twin %d", GetHandleInformation(twin, &flags));
    printf(" there %d", there("own.tmp"));
    CloseHandle(twin);
    printf(" %d\n", there("own.tmp"));

    server = pipe(0);
    end = client();
    WriteFile(end, "kept", 4, &count, 0);
    printf("nowhere %d", ReadFile(server, (void *)16, 4, &count, 0));
    printf(" %lu", GetLastError());
    printf(" kept %d", ReadFile(server, text, 4, &count, 0));
    printf(" %lu\n", count);
    close_by_doubling(end);
    printf("broken %d", ReadFile(server, text, 4, &count, 0));
    printf(" %lu\n", GetLastError());
    CloseHandle(server);

    file = CreateEventA(0, 0, 0, 0);
    SetHandleInformation(file, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &twin, 0, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);
    SetEvent(twin);
    printf("protected %d", GetHandleInformation(file, &flags));
    printf(" twin %d\n", WaitForSingleObject(file, 0) == WAIT_OBJECT_0);

    of_a_child(self);
    return 0;
}
