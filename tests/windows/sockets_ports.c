/* What is received by sockets, as a port, a function and an event tell it; what is given up with a handle. */
#include <stdio.h>
#include <string.h>
#include <winsock2.h>
#include <windows.h>

static HANDLE port;

static void next(const char *what)
{
    DWORD count = 77;
    ULONG_PTR key = 0;
    OVERLAPPED *which = 0;
    BOOL done = GetQueuedCompletionStatus(port, &count, &key, &which, 100);
    DWORD error = done ? 0 : GetLastError();
    printf("%s: %d key %lu transfer %lu bytes %lu error %lu\n", what, done, (DWORD)key, which ? which->OffsetHigh : 99, which ? count : 0, error);
}

static void CALLBACK told(DWORD error, DWORD count, OVERLAPPED *which, DWORD flags)
{
    printf("called: error %lu bytes %lu\n", error, count);
}

int main(void)
{
    WSADATA data;
    struct sockaddr_in at = { AF_INET };
    int size = sizeof at;
    char bytes[16];
    WSABUF buffer = { sizeof bytes, bytes };
    OVERLAPPED one = { .OffsetHigh = 1 };
    DWORD flags = 0, count;

    setvbuf(stdout, 0, _IONBF, 0);
    WSAStartup(0x202, &data);
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0, 0, 1);
    SOCKET server = WSASocketA(AF_INET, SOCK_DGRAM, 0, 0, 0, WSA_FLAG_OVERLAPPED);
    SOCKET client = socket(AF_INET, SOCK_DGRAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(server, (void *)&at, sizeof at);
    getsockname(server, (void *)&at, &size);
    connect(client, (void *)&at, sizeof at);
    printf("joined %d\n", CreateIoCompletionPort((HANDLE)server, port, 5, 0) == port);
    printf("receive %d", WSARecv(server, &buffer, 1, 0, &flags, &one, 0));
    printf(" %d\n", WSAGetLastError());
    next("nothing yet");
    send(client, "abc", 3, 0);
    next("received");
    SOCKET other = WSASocketA(AF_INET, SOCK_DGRAM, 0, 0, 0, WSA_FLAG_OVERLAPPED);
    at.sin_port = 0;
    bind(other, (void *)&at, sizeof at);
    getsockname(other, (void *)&at, &size);
    connect(client, (void *)&at, sizeof at);
    flags = 0;
    printf("receive %d", WSARecv(other, &buffer, 1, 0, &flags, &one, told));
    printf(" %d\n", WSAGetLastError());
    send(client, "hello", 5, 0);
    printf("sleep %lu\n", SleepEx(1000, TRUE));
    flags = 0;
    one.hEvent = CreateEventA(0, TRUE, 0, 0);
    WSARecv(other, &buffer, 1, 0, &flags, &one, 0);
    printf("event %lu", WaitForSingleObject(one.hEvent, 0));
    closesocket(other);
    printf(" %lu\n", WaitForSingleObject(one.hEvent, 100));
    return 0;
}
