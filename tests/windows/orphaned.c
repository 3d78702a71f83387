/* What becomes of requests whose thread ends: they are cancelled, but for those that a port alone is told of. */
#include <stdio.h>
#include <windows.h>

static OVERLAPPED overlapped;
static HANDLE file;
static char buffer[100];

static DWORD CALLBACK reads(void *argument)
{
    ReadFile(file, buffer, sizeof buffer, 0, &overlapped);
    return GetLastError();
}

static DWORD CALLBACK watches(void *argument)
{
    ReadDirectoryChangesW(file, buffer, sizeof buffer, FALSE, FILE_NOTIFY_CHANGE_FILE_NAME, 0, &overlapped, 0);
    return GetLastError();
}

static void run(LPTHREAD_START_ROUTINE function, BOOL told)
{
    HANDLE thread;

    memset(&overlapped, 0, sizeof overlapped);
    overlapped.hEvent = told ? CreateEventA(0, TRUE, FALSE, 0) : 0;
    thread = CreateThread(0, 0, function, 0, 0, 0);
    WaitForSingleObject(thread, INFINITE);
}

static void show(const char *name)
{
    DWORD got = 0;
    BOOL done;

    printf("%s: event %lu, ", name, WaitForSingleObject(overlapped.hEvent, 1000));
    done = GetOverlappedResult(file, &overlapped, &got, FALSE);
    printf("%d, %lu bytes, error %lu\n", done, got, done ? 0 : GetLastError());
}

int main(void)
{
    HANDLE port, client;
    DWORD got;
    ULONG_PTR key;
    OVERLAPPED *which;

    file = CreateNamedPipeA("\\\\.\\pipe\\orphaned", PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, 100, 100, 0, 0);
    client = CreateFileA("\\\\.\\pipe\\orphaned", GENERIC_READ | GENERIC_WRITE, 0, 0, OPEN_EXISTING, 0, 0);
    run(reads, TRUE);
    show("pipe");
    WriteFile(client, "abc", 3, &got, 0);
    run(reads, TRUE);
    show("at once");

    port = CreateIoCompletionPort(file, 0, 5, 0);
    run(reads, TRUE);
    show("port and event");
    GetQueuedCompletionStatus(port, &got, &key, &which, 1000);
    run(reads, FALSE);
    WriteFile(client, "abcd", 4, &got, 0);
    got = 0;
    key = 0;
    printf("completed %d: ", GetQueuedCompletionStatus(port, &got, &key, &which, 1000));
    printf("%lu bytes, key %lu, %d\n", got, (ULONG)key, which == &overlapped);

    CreateDirectoryA("orphaned", 0);
    file = CreateFileA("orphaned", FILE_LIST_DIRECTORY, 7, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED, 0);
    run(watches, TRUE);
    show("directory");
    CloseHandle(file);
    RemoveDirectoryA("orphaned");
    return 0;
}
