/* What ReadDirectoryChangesW and FindFirstChangeNotification tell of directories. */
#include <stdio.h>
#include <windows.h>

static void show(const char *what, const BYTE *at, DWORD length)
{
    printf("%s:", what);
    if (!length) printf(" too much");
    while (length) {
        const FILE_NOTIFY_INFORMATION *one = (const void *)at;
        printf(" %lu %.*ls", one->Action, (int)(one->FileNameLength / 2), one->FileName);
        if (!one->NextEntryOffset) break;
        at += one->NextEntryOffset;
    }
    printf("\n");
}

static HANDLE watch(const char *name, DWORD flags)
{
    return CreateFileA(name, FILE_LIST_DIRECTORY, 7, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | flags, 0);
}

static void touch(const char *name, const char *text)
{
    DWORD count;
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 7, 0, OPEN_ALWAYS, 0, 0);
    if (*text) WriteFile(file, text, 1, &count, 0);
    CloseHandle(file);
}

static DWORD WINAPI works(void *nothing)
{
    Sleep(20);
    touch("d\\thread", "");
    return 0;
}

int main(void)
{
    char path[MAX_PATH];
    DWORD buffer[256], count;
    OVERLAPPED later = { 0 };
    HANDLE all, own, thread, change;

    setvbuf(stdout, 0, _IONBF, 0);
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    CreateDirectoryA("d", 0);
    CreateDirectoryA("d\\sub", 0);

    /* Synchronous: it waits, then has what was kept. */
    own = watch("d", 0);
    thread = CreateThread(0, 0, works, 0, 0, 0);
    ReadDirectoryChangesW(own, buffer, sizeof buffer, FALSE, FILE_NOTIFY_CHANGE_FILE_NAME, &count, 0, 0);
    show("waited for", (BYTE *)buffer, count);
    WaitForSingleObject(thread, INFINITE);
    touch("d\\a", "x");
    touch("d\\sub\\b", "");
    MoveFileA("d\\a", "d\\c");
    CreateDirectoryA("d\\e", 0);
    DeleteFileA("d\\thread");
    ReadDirectoryChangesW(own, buffer, sizeof buffer, FALSE, FILE_NOTIFY_CHANGE_FILE_NAME, &count, 0, 0);
    show("kept", (BYTE *)buffer, count);
    CloseHandle(own);

    /* With all below, later. */
    all = watch("d", FILE_FLAG_OVERLAPPED);
    later.hEvent = CreateEventA(0, TRUE, 0, 0);
    DWORD filter = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME | FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_ATTRIBUTES;
    printf("begun %d", ReadDirectoryChangesW(all, buffer, sizeof buffer, TRUE, filter, 0, &later, 0));
    printf(" event %lu\n", WaitForSingleObject(later.hEvent, 0));
    touch("d\\sub\\new", "");
    printf("event %lu\n", WaitForSingleObject(later.hEvent, 0));
    GetOverlappedResult(all, &later, &count, TRUE);
    show("first", (BYTE *)buffer, count);
    touch("d\\sub\\new", "y");
    SetFileAttributesA("d\\sub\\new", FILE_ATTRIBUTE_HIDDEN);
    MoveFileA("d\\sub\\new", "d\\new");
    RemoveDirectoryA("d\\e");
    ReadDirectoryChangesW(all, buffer, sizeof buffer, TRUE, filter, 0, &later, 0);
    GetOverlappedResult(all, &later, &count, TRUE);
    show("rest", (BYTE *)buffer, count);
    for (int i = 0; i < 60; i++) {
        sprintf(path, "d\\a long name of a file, number %d", i);
        touch(path, "");
    }
    ReadDirectoryChangesW(all, buffer, sizeof buffer, TRUE, filter, 0, &later, 0);
    GetOverlappedResult(all, &later, &count, TRUE);
    show("many", (BYTE *)buffer, count);
    ReadDirectoryChangesW(all, buffer, sizeof buffer, TRUE, filter, 0, &later, 0);
    printf("cancelled %d", CancelIo(all));
    printf(" %d", GetOverlappedResult(all, &later, &count, TRUE));
    printf(" %lu\n", GetLastError());
    CloseHandle(all);

    change = FindFirstChangeNotificationA("d", FALSE, FILE_NOTIFY_CHANGE_FILE_NAME);
    printf("change %lu", WaitForSingleObject(change, 0));
    touch("d\\sub\\deep", "");
    printf(" %lu", WaitForSingleObject(change, 0));
    touch("d\\shallow", "");
    printf(" %lu", WaitForSingleObject(change, 0));
    printf(" next %d", FindNextChangeNotification(change));
    printf(" %lu", WaitForSingleObject(change, 0));
    DeleteFileA("d\\shallow");
    printf(" %lu", WaitForSingleObject(change, 0));
    printf(" close %d\n", FindCloseChangeNotification(change));
    return 0;
}
