/* Mailslots: messages, how long a read waits, who may open one; and NUL, which has and keeps nothing. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define NAME "\\\\.\\mailslot\\emu\\slot"

static void about(HANDLE slot)
{
    DWORD most, next, count, timeout;
    GetMailslotInfo(slot, &most, &next, &count, &timeout);
    printf("most %lu next %ld count %lu timeout %ld\n", most, (long)next, count, (long)timeout);
}

static void get(HANDLE slot, DWORD room)
{
    char text[64] = "";
    DWORD count = 99;
    BOOL done = ReadFile(slot, text, room, &count, 0);
    printf("read %d", done);
    if (done) printf(" %lu %.*s\n", count, (int)count, text);
    else printf(" error %lu\n", GetLastError());
}

static void put(HANDLE box, const char *text)
{
    DWORD count = 0;
    BOOL done = WriteFile(box, text, strlen(text), &count, 0);
    printf("written %d %lu\n", done, count);
}

static DWORD WINAPI writes(void *box)
{
    DWORD count;
    Sleep(20);
    WriteFile(box, "late", 4, &count, 0);
    return 0;
}

int main(void)
{
    HANDLE slot, box, other, thread, null;
    DWORD count;
    char byte = 'x';
    setvbuf(stdout, 0, _IONBF, 0);

    printf("nobody there %d", CreateFileA(NAME, GENERIC_WRITE, FILE_SHARE_READ, 0, OPEN_EXISTING, 0, 0) != INVALID_HANDLE_VALUE);
    printf(" %lu\n", GetLastError());
    slot = CreateMailslotA(NAME, 16, 0, 0);
    printf("made %d\n", slot != INVALID_HANDLE_VALUE);
    printf("made twice %d", CreateMailslotA(NAME, 0, 0, 0) != INVALID_HANDLE_VALUE);
    printf(" %lu\n", GetLastError());
    about(slot);
    get(slot, 10);
    box = CreateFileA(NAME, GENERIC_WRITE, FILE_SHARE_READ, 0, OPEN_EXISTING, 0, 0);
    other = CreateFileA(NAME, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, 0, OPEN_EXISTING, 0, 0);
    printf("opened %d\n", box != INVALID_HANDLE_VALUE);
    put(box, "first");
    put(box, "second one");
    about(slot);
    get(slot, 3);
    get(slot, 10);
    get(slot, 10);
    printf("set %d\n", SetMailslotInfo(slot, 30));
    about(slot);
    get(slot, 10);
    printf("set %d\n", SetMailslotInfo(slot, MAILSLOT_WAIT_FOREVER));
    about(slot);
    thread = CreateThread(0, 0, writes, box, 0, 0);
    get(slot, 10);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(slot);
    printf("closed %d\n", WriteFile(box, &byte, 1, &count, 0));
    CloseHandle(box);

    null = CreateFileA("NUL", GENERIC_READ | GENERIC_WRITE, 0, 0, OPEN_EXISTING, 0, 0);
    printf("null %d type %lu", null != INVALID_HANDLE_VALUE, GetFileType(null));
    printf(" write %d", WriteFile(null, &byte, 1, &count, 0));
    printf(" %lu", count);
    printf(" read %d", ReadFile(null, &byte, 1, &count, 0));
    printf(" %lu\n", count);
    printf("twice %d\n", CreateFileA("nul", GENERIC_READ | GENERIC_WRITE, 0, 0, OPEN_ALWAYS, 0, 0) != INVALID_HANDLE_VALUE);
    return 0;
}
