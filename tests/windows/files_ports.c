/* Transfers that are over, as ports, functions and events tell it: of files, pipes, directories and locks. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define PIPE "\\\\.\\pipe\\emu ports"

static HANDLE port;

static void next(const char *what)
{
    DWORD count = 77;
    ULONG_PTR key = 0;
    OVERLAPPED *which = 0;
    BOOL done = GetQueuedCompletionStatus(port, &count, &key, &which, 50);
    DWORD error = done ? 0 : GetLastError();
    printf("%s: %d key %lu transfer %lu bytes %lu error %lu\n", what, done, (DWORD)key, which ? which->OffsetHigh : 99, which ? count : 0, error);
}

static void CALLBACK told(DWORD error, DWORD count, OVERLAPPED *which)
{
    printf("called: error %lu bytes %lu transfer %lu\n", error, count, which->OffsetHigh);
}

int main(void)
{
    char path[MAX_PATH], bytes[64];
    DWORD count;
    OVERLAPPED one = { 0 }, two = { 0 };
    HANDLE file, server, client, again;

    setvbuf(stdout, 0, _IONBF, 0);
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0, 0, 1);

    server = CreateNamedPipeA(PIPE, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 512, 512, 0, 0);
    printf("joined %d\n", CreateIoCompletionPort(server, port, 5, 0) == port);
    one.OffsetHigh = 1;
    printf("connect %d", ConnectNamedPipe(server, &one));
    printf(" %lu\n", GetLastError());
    next("nobody yet");
    client = CreateFileA(PIPE, GENERIC_READ | GENERIC_WRITE, 0, 0, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, 0);
    next("connected");
    two.OffsetHigh = 2;
    printf("read %d", ReadFile(server, bytes, sizeof bytes, 0, &two));
    printf(" %lu\n", GetLastError());
    next("nothing yet");
    one.OffsetHigh = 3;
    WriteFile(client, "abc", 3, &count, &one);
    next("read");
    printf("data %.3s\n", bytes);
    two.OffsetHigh = 4;
    WriteFile(server, "defg", 4, 0, &two);
    next("written at once");

    /* By its own handle, and by functions. */
    memset(&one, 0, sizeof one);
    printf("read %d", ReadFile(client, bytes, sizeof bytes, 0, &one));
    printf(" %d", GetOverlappedResult(client, &one, &count, TRUE));
    printf(" %lu\n", count);
    printf("read %d", ReadFile(client, bytes, sizeof bytes, 0, &one));
    printf(" %lu", GetLastError());
    printf(" wait %lu", WaitForSingleObject(client, 0));
    two.OffsetHigh = 5;
    WriteFile(server, "hi", 2, 0, &two);
    printf(" %lu", WaitForSingleObject(client, 0));
    printf(" %d", GetOverlappedResult(client, &one, &count, TRUE));
    printf(" %lu\n", count);
    next("written");
    one.OffsetHigh = 6;
    printf("begun %d\n", ReadFileEx(client, bytes, sizeof bytes, &one, told));
    two.OffsetHigh = 7;
    WriteFile(server, "hello", 5, 0, &two);
    printf("sleep %lu\n", SleepEx(1000, TRUE));
    next("written");
    one.OffsetHigh = 8;
    ReadFile(server, bytes, sizeof bytes, 0, &one);
    CancelIo(server);
    next("cancelled");
    ReadFile(server, bytes, sizeof bytes, 0, &one);
    CloseHandle(client);
    next("broken");
    CloseHandle(server);

    file = CreateFileA("emu-ports", GENERIC_READ | GENERIC_WRITE, 7, 0, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE, 0);
    CreateIoCompletionPort(file, port, 6, 0);
    memset(&one, 0, sizeof one);
    WriteFile(file, "0123456789", 10, 0, &one);
    next("file written");
    memset(&two, 0, sizeof two);
    two.Offset = 5;
    ReadFile(file, bytes, sizeof bytes, 0, &two);
    next("file read");
    CloseHandle(file);
    return 0;
}
