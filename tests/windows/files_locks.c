/* Locks of bytes: who gets them, who waits, what others may do meanwhile. */
#include <stdio.h>
#include <windows.h>

static HANDLE again(DWORD flags)
{
    return CreateFileA("locked", GENERIC_READ | GENERIC_WRITE, 7, 0, OPEN_ALWAYS, flags, 0);
}

static void lock(const char *what, HANDLE file, DWORD flags, DWORD start, DWORD length)
{
    OVERLAPPED at = { .Offset = start };
    BOOL done = LockFileEx(file, flags | LOCKFILE_FAIL_IMMEDIATELY, 0, length, 0, &at);
    printf("%s %d", what, done);
    if (!done) printf(" %lu", GetLastError());
    printf("\n");
}

static void unlock(const char *what, HANDLE file, DWORD start, DWORD length)
{
    BOOL done = UnlockFile(file, start, 0, length, 0);
    printf("%s %d", what, done);
    if (!done) printf(" %lu", GetLastError());
    printf("\n");
}

static void move(const char *what, HANDLE file, BOOL write, DWORD start, DWORD length)
{
    char bytes[64] = "";
    DWORD count = 0;
    OVERLAPPED at = { .Offset = start };
    BOOL done = write ? WriteFile(file, bytes, length, &count, &at) : ReadFile(file, bytes, length, &count, &at);
    printf("%s %d", what, done);
    if (!done) printf(" %lu", GetLastError());
    printf("\n");
}

static DWORD WINAPI waits(void *file)
{
    OVERLAPPED at = { .Offset = 0 };
    BOOL done = LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, 0, &at);
    printf("waited for %d\n", done);
    return 0;
}

int main(void)
{
    char path[MAX_PATH], zeros[100] = { 0 };
    DWORD count;
    setvbuf(stdout, 0, _IONBF, 0);
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    HANDLE a = again(0), b = again(0), c = again(FILE_FLAG_OVERLAPPED);
    WriteFile(a, zeros, sizeof zeros, &count, 0);

    lock("exclusive", a, LOCKFILE_EXCLUSIVE_LOCK, 0, 10);
    lock("exclusive by another", b, LOCKFILE_EXCLUSIVE_LOCK, 5, 10);
    lock("shared by another", b, 0, 9, 1);
    lock("exclusive next to it", b, LOCKFILE_EXCLUSIVE_LOCK, 10, 10);
    lock("once more", a, LOCKFILE_EXCLUSIVE_LOCK, 0, 10);
    lock("shared", a, 0, 30, 10);
    lock("shared by another", b, 0, 35, 10);
    lock("exclusive over shared", b, LOCKFILE_EXCLUSIVE_LOCK, 30, 1);
    unlock("a part", a, 0, 5);
    unlock("another's", b, 0, 10);
    move("read own", a, FALSE, 0, 10);
    move("write own", a, TRUE, 0, 10);
    move("read another's", b, FALSE, 9, 4);
    move("write another's", b, TRUE, 0, 1);
    move("read beside", b, FALSE, 50, 10);
    move("read shared", b, FALSE, 30, 1);
    move("write shared", a, TRUE, 30, 1);
    move("write shared of both", a, TRUE, 39, 10);
    lock("shared over own exclusive", a, 0, 0, 10);
    unlock("the exclusive one", a, 0, 10);
    move("read shared", b, FALSE, 0, 10);
    move("write shared", b, TRUE, 0, 10);
    unlock("the shared one", a, 0, 10);
    lock("exclusive again", a, LOCKFILE_EXCLUSIVE_LOCK, 0, 10);

    HANDLE thread = CreateThread(0, 0, waits, b, 0, 0);
    Sleep(20);
    unlock("all of it", a, 0, 10);
    WaitForSingleObject(thread, INFINITE);

    OVERLAPPED later = { .hEvent = CreateEventA(0, TRUE, 0, 0) };
    BOOL done = LockFileEx(c, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, 0, &later);
    printf("later %d %lu", done, GetLastError());
    printf(" event %d\n", WaitForSingleObject(later.hEvent, 0) == WAIT_OBJECT_0);
    unlock("given up", b, 0, 10);
    done = GetOverlappedResult(c, &later, &count, TRUE);
    printf("then %d event %d\n", done, WaitForSingleObject(later.hEvent, 0) == WAIT_OBJECT_0);
    lock("taken", b, LOCKFILE_EXCLUSIVE_LOCK, 0, 10);
    CloseHandle(c);
    lock("let go by closing", b, LOCKFILE_EXCLUSIVE_LOCK, 0, 10);
    CloseHandle(b);
    CloseHandle(a);
    printf("removed %d\n", DeleteFileA("locked"));
    return 0;
}
