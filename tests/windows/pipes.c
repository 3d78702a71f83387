// Named pipes: messages and bytes, who waits, and what goes wrong.
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define NAME "\\\\.\\pipe\\emu test"

static HANDLE make(DWORD open, DWORD mode)
{
    return CreateNamedPipeA(NAME, open, mode, 2, 4096, 4096, 1000, NULL);
}

static HANDLE open(DWORD flags)
{
    return CreateFileA(NAME, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, flags, NULL);
}

static void tell(const char *what, BOOL ok)
{
    printf("%s: %d", what, ok);
    if (!ok) printf(", error %lu", GetLastError());
    printf("\n");
}

static DWORD WINAPI serve(void *pipe)
{
    char text[100];
    DWORD got;
    if (!ConnectNamedPipe(pipe, NULL) && GetLastError() != ERROR_PIPE_CONNECTED) return 1;
    while (ReadFile(pipe, text, sizeof text, &got, NULL)) {
        for (DWORD i = 0; i < got; i++) text[i] ^= 0x20;
        WriteFile(pipe, text, got, &got, NULL);
    }
    got = GetLastError();
    DisconnectNamedPipe(pipe);
    return got;
}

int main(void)
{
    char text[100] = "";
    DWORD got, left, message, mode;
    HANDLE server, client, thread;

    tell("no such pipe", open(0) != INVALID_HANDLE_VALUE);
    server = make(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    thread = CreateThread(NULL, 0, serve, server, 0, NULL);
    tell("waited for", WaitNamedPipeA(NAME, 1000));
    client = open(0);
    tell("connected", client != INVALID_HANDLE_VALUE);
    tell("no instance left", open(0) != INVALID_HANDLE_VALUE);
    mode = PIPE_READMODE_MESSAGE;
    tell("mode", SetNamedPipeHandleState(client, &mode, NULL, NULL));
    tell("transacted", TransactNamedPipe(client, "abc", 3, text, sizeof text, &got, NULL));
    printf("%lu %.*s\n", got, (int)got, text);
    tell("transacted", TransactNamedPipe(client, "defghi", 6, text, 4, &got, NULL));
    printf("%lu %.*s\n", got, (int)got, text);
    tell("peeked", PeekNamedPipe(client, text, 1, &got, &left, &message));
    printf("%lu of %lu, %lu\n", got, left, message);
    tell("rest", ReadFile(client, text, sizeof text, &got, NULL));
    printf("%lu %.*s\n", got, (int)got, text);
    CloseHandle(client);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &got);
    printf("server ended with %lu\n", got);
    tell("disconnected", ReadFile(server, text, 1, &got, NULL));
    CloseHandle(server);

    // One that does not wait.
    server = make(PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE);
    OVERLAPPED wait = {0};
    wait.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    tell("listens", ConnectNamedPipe(server, &wait));
    printf("event %lx\n", WaitForSingleObject(wait.hEvent, 0));
    client = open(0);
    printf("event %lx\n", WaitForSingleObject(wait.hEvent, 0));
    tell("result", GetOverlappedResult(server, &wait, &got, FALSE));
    tell("reads", ReadFile(server, text, 10, NULL, &wait));
    tell("written", WriteFile(client, "12345", 5, &got, NULL));
    tell("result", GetOverlappedResult(server, &wait, &got, TRUE));
    printf("%lu %.*s\n", got, (int)got, text);
    tell("reads", ReadFile(server, text, 10, NULL, &wait));
    tell("cancelled", CancelIo(server));
    tell("result", GetOverlappedResult(server, &wait, &got, TRUE));
    CloseHandle(server);
    tell("closed", WriteFile(client, "1", 1, &got, NULL));
    tell("closed", ReadFile(client, text, 1, &got, NULL));
    CloseHandle(client);

    // Bytes of two writes come by one read.
    CreatePipe(&client, &server, NULL, 0);
    WriteFile(server, "ab", 2, &got, NULL);
    WriteFile(server, "cd", 2, &got, NULL);
    tell("read", ReadFile(client, text, 3, &got, NULL));
    printf("%lu %.*s, type %lu\n", got, (int)got, text, GetFileType(client));
    CloseHandle(server);
    tell("read", ReadFile(client, text, 3, &got, NULL));
    tell("broken", ReadFile(client, text, 3, &got, NULL));
    return 0;
}
