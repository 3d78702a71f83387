/* Threads agree: by critical sections, events, semaphores, mutexes, slim locks, condition variables, and once. */

#include <stdio.h>
#include <windows.h>

static CRITICAL_SECTION section;
static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static HANDLE semaphore, mutex, start, turn[3];
static int count, guarded, inside, most, inits, finished, order[9], orders;

static BOOL CALLBACK init(INIT_ONCE *self, void *argument, void **context)
{
    inits++;
    *context = (void *)0x100;
    return TRUE;
}

static DWORD WINAPI worker(void *argument)
{
    void *context = NULL;
    WaitForSingleObject(start, INFINITE);
    InitOnceExecuteOnce(&once, init, NULL, &context);
    for (int i = 0; i < 500; i++) {
        EnterCriticalSection(&section);
        int before = count;
        if (i % 50 == 0)
            Sleep(0);
        count = before + 1;
        LeaveCriticalSection(&section);
    }
    WaitForSingleObject(semaphore, INFINITE);
    if (InterlockedIncrement((LONG *)&inside) > most)
        most = inside;
    Sleep(1);
    InterlockedDecrement((LONG *)&inside);
    ReleaseSemaphore(semaphore, 1, NULL);
    for (int i = 0; i < 20; i++) {
        WaitForSingleObject(mutex, INFINITE);
        WaitForSingleObject(mutex, INFINITE);
        int before = guarded;
        Sleep(0);
        guarded = before + 1;
        ReleaseMutex(mutex);
        ReleaseMutex(mutex);
    }
    AcquireSRWLockExclusive(&lock);
    finished++;
    ReleaseSRWLockExclusive(&lock);
    WakeAllConditionVariable(&changed);
    return (DWORD)(ULONG_PTR)context + (DWORD)(ULONG_PTR)argument;
}

/* Three threads take turns, each told by the one before. */
static DWORD WINAPI player(void *argument)
{
    int own = (int)(ULONG_PTR)argument;
    for (int i = 0; i < 3; i++) {
        WaitForSingleObject(turn[own], INFINITE);
        order[orders++] = own;
        SetEvent(turn[(own + 1) % 3]);
    }
    return 0;
}

static DWORD WINAPI leaver(void *argument)
{
    WaitForSingleObject(mutex, INFINITE);
    return 0;
}

static DWORD WINAPI pulsed(void *argument)
{
    return WaitForSingleObject(argument, 5000);
}

int main(void)
{
    HANDLE threads[4], any[2];
    DWORD code;

    InitializeCriticalSectionAndSpinCount(&section, 10);
    semaphore = CreateSemaphoreW(NULL, 2, 2, NULL);
    mutex = CreateMutexW(NULL, FALSE, NULL);
    start = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, worker, (void *)(ULONG_PTR)i, 0, NULL);
    SetEvent(start);
    AcquireSRWLockExclusive(&lock);
    while (finished < 4)
        SleepConditionVariableSRW(&changed, &lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&lock);
    printf("all: %lu\n", WaitForMultipleObjects(4, threads, TRUE, INFINITE));
    printf("count %d, guarded %d, at most 2 inside: %d, %d inits\n", count, guarded, most >= 1 && most <= 2, inits);
    for (int i = 0; i < 4; i++) {
        GetExitCodeThread(threads[i], &code);
        printf("%lx ", code);
    }
    printf("\n");

    for (int i = 0; i < 3; i++) {
        turn[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
        threads[i] = CreateThread(NULL, 0, player, (void *)(ULONG_PTR)i, 0, NULL);
    }
    SetEvent(turn[0]);
    WaitForMultipleObjects(3, threads, TRUE, INFINITE);
    for (int i = 0; i < 9; i++)
        printf("%d ", order[i]);
    printf("\n");

    /* An event that resets itself is the first one's that waits, even when it is reset at once. */
    any[0] = CreateEventW(NULL, FALSE, FALSE, NULL);
    any[1] = CreateEventW(NULL, TRUE, TRUE, NULL);
    printf("any: %lu", WaitForMultipleObjects(2, any, FALSE, INFINITE));
    printf(" %lu", WaitForMultipleObjects(2, any, TRUE, 10));
    SetEvent(any[0]);
    printf(" %lu", WaitForMultipleObjects(2, any, FALSE, 10));
    printf(" %lu\n", WaitForSingleObject(any[0], 0));
    threads[0] = CreateThread(NULL, 0, pulsed, any[0], 0, NULL);
    threads[1] = CreateThread(NULL, 0, pulsed, any[0], 0, NULL);
    Sleep(50);
    PulseEvent(any[0]);
    printf("pulse: %lu", WaitForMultipleObjects(2, threads, TRUE, 10));
    PulseEvent(any[0]);
    printf(" %lu\n", WaitForMultipleObjects(2, threads, TRUE, 1000));

    threads[0] = CreateThread(NULL, 0, leaver, NULL, 0, NULL);
    WaitForSingleObject(threads[0], INFINITE);
    printf("left: %lx", WaitForSingleObject(mutex, INFINITE));
    printf(" %lx\n", WaitForSingleObject(mutex, INFINITE));
    printf("signal and wait: %lx", SignalObjectAndWait(any[0], any[1], INFINITE, FALSE));
    printf(" %lx\n", WaitForSingleObject(any[0], 0));
    printf("limit: %d", ReleaseSemaphore(semaphore, 1, NULL));
    printf(" %lu\n", GetLastError());
    ReleaseMutex(mutex);
    ReleaseMutex(mutex);
    printf("owner: %d", ReleaseMutex(mutex));
    printf(" %lu\n", GetLastError());
    return 0;
}
