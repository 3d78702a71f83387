/* Timers, calls left to a thread, sleeps that those end, ports of completion, and the pool of threads. */

#include <stdio.h>
#include <windows.h>

static int calls;
static volatile LONG done, ticks;

static void CALLBACK own(ULONG_PTR argument)
{
    printf("call %lu\n", (unsigned long)argument);
    calls++;
    if (argument == 1)
        QueueUserAPC(own, GetCurrentThread(), 10);
}

static void CALLBACK late(void *argument, DWORD low, DWORD high)
{
    printf("timer calls %s\n", (char *)argument);
}

static DWORD WINAPI sleeper(void *argument)
{
    DWORD ended = SleepEx(INFINITE, TRUE);
    ended |= WaitForSingleObjectEx(argument, INFINITE, TRUE) << 8;
    return ended;
}

static DWORD WINAPI poster(void *argument)
{
    for (int i = 1; i <= 3; i++) {
        Sleep(2);
        PostQueuedCompletionStatus(argument, 100 + i, i, NULL);
    }
    return 0;
}

static void CALLBACK written(DWORD error, DWORD count, OVERLAPPED *own)
{
    printf("written %lu\n", count + error);
}

static DWORD WINAPI work(void *argument)
{
    InterlockedAdd((LONG *)&done, (LONG)(ULONG_PTR)argument);
    return 0;
}

static void CALLBACK pooled(PTP_CALLBACK_INSTANCE instance, void *argument, PTP_WORK own)
{
    InterlockedIncrement((LONG *)argument);
}

static void CALLBACK tick(void *argument, BOOLEAN fired)
{
    InterlockedIncrement((LONG *)argument);
}

static void CALLBACK waited(void *argument, BOOLEAN fired)
{
    SetEvent(argument);
}

int main(void)
{
    LARGE_INTEGER due;
    HANDLE timer, thread, event, port, handle, told;
    DWORD code, bytes;
    ULONG_PTR key;
    OVERLAPPED *transfer;

    QueueUserAPC(own, GetCurrentThread(), 1);
    QueueUserAPC(own, GetCurrentThread(), 2);
    printf("sleep: %lx", SleepEx(0, FALSE));
    printf(" %lx", SleepEx(1000, TRUE));
    printf(" %lx", SleepEx(0, TRUE));
    printf(" %lx, %d calls\n", SleepEx(1, TRUE), calls);
    event = CreateEventW(NULL, TRUE, FALSE, NULL);
    thread = CreateThread(NULL, 0, sleeper, event, 0, NULL);
    Sleep(10);
    QueueUserAPC(own, thread, 3);
    Sleep(10);
    SetEvent(event);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    printf("sleeper %lx\n", code);
    printf("to the dead: %lu\n", QueueUserAPC(own, thread, 4));

    timer = CreateWaitableTimerW(NULL, FALSE, NULL);
    due.QuadPart = -200000;
    SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE);
    printf("timer %lx", WaitForSingleObject(timer, 5));
    printf(" %lx", WaitForSingleObject(timer, 1000));
    printf(" %lx\n", WaitForSingleObject(timer, 0));
    SetWaitableTimer(timer, &due, 20, NULL, NULL, FALSE);
    for (int i = 0; i < 3; i++)
        WaitForSingleObject(timer, INFINITE);
    CancelWaitableTimer(timer);
    printf("period %lx\n", WaitForSingleObject(timer, 100));
    SetWaitableTimer(timer, &due, 0, late, "a function", FALSE);
    printf("sleep %lx\n", SleepEx(1000, TRUE));
    due.QuadPart = 0;
    SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE);
    printf("now %lx\n", WaitForSingleObject(timer, 0));

    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    printf("port %d", GetQueuedCompletionStatus(port, &bytes, &key, &transfer, 1));
    printf(" %lu\n", GetLastError());
    CloseHandle(CreateThread(NULL, 0, poster, port, 0, NULL));
    for (int i = 0; i < 3; i++) {
        GetQueuedCompletionStatus(port, &bytes, &key, &transfer, INFINITE);
        printf("packet %lu %lu\n", bytes, (unsigned long)key);
    }

    WCHAR path[MAX_PATH + 20];
    OVERLAPPED own = { 0 };
    GetTempPathW(MAX_PATH, path);
    lstrcatW(path, L"emu-transfer");
    handle = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_ALWAYS,
                         FILE_FLAG_OVERLAPPED, NULL);
    CreateIoCompletionPort(handle, port, 9, 0);
    WriteFile(handle, "12345", 5, NULL, &own);
    printf("transfer: %d", GetQueuedCompletionStatus(port, &bytes, &key, &transfer, 1000));
    printf(" %lu %lu %d\n", bytes, (unsigned long)key, transfer == &own);
    CloseHandle(handle);
    handle = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_ALWAYS,
                         FILE_FLAG_OVERLAPPED, NULL);
    WriteFileEx(handle, "12345", 5, &own, written);
    printf("left: %lx\n", SleepEx(0, FALSE));
    code = SleepEx(1000, TRUE);
    printf("sleep %lx\n", code);
    CloseHandle(handle);

    for (int i = 1; i <= 10; i++)
        QueueUserWorkItem(work, (void *)(ULONG_PTR)i, WT_EXECUTEDEFAULT);
    while (done < 55)
        Sleep(1);
    printf("work %ld\n", done);
    done = 0;
    PTP_WORK own_work = CreateThreadpoolWork(pooled, (void *)&done, NULL);
    for (int i = 0; i < 5; i++)
        SubmitThreadpoolWork(own_work);
    WaitForThreadpoolWorkCallbacks(own_work, FALSE);
    CloseThreadpoolWork(own_work);
    printf("pooled %ld\n", done);
    CreateTimerQueueTimer(&handle, NULL, tick, (void *)&ticks, 5, 10, WT_EXECUTEINTIMERTHREAD);
    while (ticks < 3)
        Sleep(1);
    printf("ticks: %d\n", DeleteTimerQueueTimer(NULL, handle, INVALID_HANDLE_VALUE));
    told = CreateEventW(NULL, TRUE, FALSE, NULL);
    ResetEvent(event);
    RegisterWaitForSingleObject(&handle, event, waited, told, INFINITE, WT_EXECUTEONLYONCE);
    SetEvent(event);
    printf("waited %lx\n", WaitForSingleObject(told, 1000));
    UnregisterWaitEx(handle, INVALID_HANDLE_VALUE);
    return 0;
}
